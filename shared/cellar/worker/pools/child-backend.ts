/**
 * The backend that contexts get in a child: what is published and stored goes over its worker's connections; for all else
 * it opens one of its own, when that is first asked for.
 */
import type { Backend } from '../../backend.ts';
import type { Broker, BrokerAdmin } from '../../broker.ts';
import type { ChordStore } from '../../chord-store.ts';
import type { ResultStore, ScheduleStore } from '../../result-store.ts';
import type { ChildStart } from './child-protocol.ts';

type Facts = Pick<ChildStart, 'capabilities' | 'resultExpiresSeconds' | 'maxUpdateBytes' | 'has'>;

export function childBackend(
  { capabilities, resultExpiresSeconds, maxUpdateBytes, has }: Facts,
  calls: { readonly publish: Broker['publish']; readonly store: ResultStore['store'] },
  openOwn: () => Promise<Backend>,
): Backend {
  let opened: Promise<Backend> | undefined;
  const own = (): Promise<Backend> => {
    opened ??= openOwn();
    return opened;
  };
  const closeOwn = async (close: (backend: Backend) => Promise<void>): Promise<void> => {
    if (opened !== undefined) await close(await opened);
  };
  return {
    broker: lazily<Broker>(async () => (await own()).broker, {
      capabilities,
      publish: calls.publish,
      close: () => closeOwn(({ broker }) => broker.close()),
    }),
    admin: lazily<BrokerAdmin>(async () => (await own()).admin),
    results: lazily<ResultStore>(async () => (await own()).results, {
      expiresSeconds: resultExpiresSeconds,
      ...(maxUpdateBytes === undefined ? undefined : { maxUpdateBytes }),
      store: calls.store,
      close: () => closeOwn(({ results }) => results.close()),
    }),
    schedules: lazily<ScheduleStore>(async () => (await own()).schedules),
    ...(has.chords ? { chords: lazily<ChordStore>(async () => present((await own()).chords)) } : undefined),
    ...(has.transaction ? { transaction: async (work) => present((await own()).transaction)(work) } : undefined),
  };
}

/** A port whose methods open it first; what is `known` is answered without. */
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
