/** The stores in Redis under the conformance suite, beside the broker in memory: each test has a key prefix of its own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe } from '@jest/globals';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { withStores } from '../../shared/cellar/brokers/with-stores.ts';
import { systemRuntime as runtime } from '../../shared/cellar/clock.ts';
import { openRedisResults } from '../../shared/cellar/results/redis/open-redis-results.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import type { Harness, HarnessOptions } from './harness.ts';
import { conformance } from './suite.ts';
import { storeTopics } from './topics.ts';

(hasRedis() ? describe : describe.skip)('the stores in Redis', () => {
  let started: Promise<TestRedis> | undefined;
  afterAll(async () => (await started)?.stop());

  async function openHarness({ resultExpiresSeconds = 600 }: HarnessOptions = {}): Promise<Harness> {
    started ??= startRedis();
    const url = `${(await started).url}?global_keyprefix=${randomUUID()}`;
    const opened: Backend[] = [];
    const open = async (): Promise<Backend> => {
      const stores = await openRedisResults({ url, runtime, resultExpiresSeconds });
      const backend = withStores(await openMemory({ runtime, resultExpiresSeconds }), stores);
      opened.push(backend);
      return backend;
    };
    return {
      backend: await open(),
      now: Date.now,
      isTimeReal: true,
      passMs: (ms) => sleep(ms),
      patienceMs: 0,
      reopen: open,
      async close() {
        for (const { broker, results: store } of opened) {
          await broker.close();
          await store.close();
        }
      },
    };
  }

  conformance('Redis', Object.assign(openHarness, { realTime: true } as const), {
    topics: storeTopics,
  });
});
