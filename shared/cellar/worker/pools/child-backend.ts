/**
 * The backend that contexts get in a child: what is published, and results, go over its worker's connections; for all else
 * it opens one of its own, when that is first asked for.
 */
import type { Backend } from '../../backend.ts';
import type { Broker, BrokerAdmin } from '../../broker.ts';
import type { ChordStore } from '../../chord-store.ts';
import type { ResultStore, ScheduleStore } from '../../result-store.ts';
import type { ChildStart } from './child-protocol.ts';

export interface ChildBackendOptions {
  readonly start: Pick<ChildStart, 'capabilities' | 'has'>;
  readonly publish: Broker['publish'];
  readonly results: ResultStore;
  readonly openOwn: () => Promise<Backend>;
}

export function childBackend({ start, publish, results, openOwn }: ChildBackendOptions): Backend {
  const { capabilities, has } = start;
  let opened: Promise<Backend> | undefined;
  const own = (): Promise<Backend> => {
    opened ??= openOwn();
    return opened;
  };
  const close = async (): Promise<void> => {
    if (opened === undefined) return;
    const backend = await opened;
    await backend.broker.close();
    await backend.results.close();
  };
  return {
    broker: lazily<Broker>(async () => (await own()).broker, { capabilities, publish, close }),
    admin: lazily<BrokerAdmin>(async () => (await own()).admin),
    results,
    schedules: lazily<ScheduleStore>(async () => (await own()).schedules),
    ...(has.chords ? { chords: lazily<ChordStore>(async () => present((await own()).chords)) } : undefined),
    ...(has.transaction ? { transaction: async (work) => present((await own()).transaction)(work) } : undefined),
  };
}

/** A port of methods only, beside what is `known`; the first that is called opens it. */
function lazily<Port extends object>(open: () => Promise<Port>, known: Partial<Port> = {}): Port {
  return new Proxy(known as Port, {
    get(target, name: keyof Port & string) {
      // Not a promise, nor anything else that the language asks of objects.
      if (name in target || name === 'then' || typeof name === 'symbol') return target[name];
      return async (...args: unknown[]) => {
        const port = await open();
        const method = port[name];
        if (typeof method !== 'function') throw new TypeError(`no method ${name} in this port`);
        return method.apply(port, args);
      };
    },
  });
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new TypeError('the worker has a port that its child lacks');
  return value;
}
