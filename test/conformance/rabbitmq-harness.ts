/** RabbitMQ for the conformance suite: each test has a virtual host of its own, and connections that can be cut. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { openRabbitmq } from '../../shared/cellar/brokers/rabbitmq/open-rabbitmq.ts';
import { systemRuntime as runtime } from '../../shared/cellar/clock.ts';
import { lineLogger } from '../../shared/cellar/log.ts';
import type { ResultStore } from '../../shared/cellar/result-store.ts';
import { startRabbitmq } from '../support/rabbitmq.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { Harness, HarnessOptions, OpenHarness } from './harness.ts';

/** Longer than a queue process on a busy machine takes to push what it has. */
const PATIENCE_MS = 1_500;

/** Starts the server at the first test, because tests that run side by side start before hooks do. */
export function rabbitmqHarness(): OpenHarness {
  let started: ReturnType<typeof startRabbitmq> | undefined;
  afterAll(async () => (await started)?.stop());
  const openHarness = async ({ resultExpiresSeconds = 600 }: HarnessOptions = {}): Promise<Harness> => {
    started ??= startRabbitmq();
    const rabbit = await started;
    const vhost = await rabbit.vhost();
    const proxy = await startTcpProxy(rabbit.amqpPort);
    const url = vhost.url.replace(`:${rabbit.amqpPort}/`, `:${proxy.port}/`);
    const log = lineLogger({ level: 'error', clock: runtime.clock, write: () => undefined });
    const { results, schedules, chords } = await openMemory({ runtime, resultExpiresSeconds });
    const kept = neverClosed(results);
    const opened: Backend[] = [];
    const openNext = async (): Promise<Backend> => {
      const stores = { results: kept, schedules, ...(chords === undefined ? undefined : { chords }) };
      const next = await openRabbitmq({ url, runtime, log, resultExpiresSeconds, stores });
      opened.push(next);
      return next;
    };
    const backend = await openNext();
    return {
      backend,
      now: Date.now,
      isTimeReal: true,
      passMs: (ms) => sleep(ms),
      patienceMs: PATIENCE_MS,
      async reopen() {
        await backend.broker.close();
        return await openNext();
      },
      second: openNext,
      async disrupt() {
        proxy.cut();
      },
      async close() {
        await Promise.all(opened.map(({ broker }) => broker.close()));
        await proxy.stop();
        await vhost.delete();
      },
    };
  };
  return Object.assign(openHarness, { sideBySide: true as const, realTime: true as const });
}

/** What a test keeps from one backend to the next. */
function neverClosed(results: ResultStore): ResultStore {
  return new Proxy(results, {
    get(store, name) {
      if (name === 'close') return async () => undefined;
      const value: unknown = Reflect.get(store, name, store);
      return typeof value === 'function' ? value.bind(store) : value;
    },
  });
}
