/** The stores in Redis under the conformance suite, beside the broker in memory: each test has a key prefix of its own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe } from '@jest/globals';
import type { Backend } from '../../shared/cellar/backend.ts';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { withStores } from '../../shared/cellar/brokers/with-stores.ts';
import { systemRuntime as runtime } from '../../shared/cellar/clock.ts';
import { openRedisResults } from '../../shared/cellar/results/redis/open-redis-results.ts';
import { hasRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { claims, schedules } from './claims-and-schedules.ts';
import { closing } from './closing.ts';
import type { Harness } from './harness.ts';
import { results } from './results.ts';
import { settle } from './settle.ts';

(hasRedis() ? describe : describe.skip)('the stores in Redis, beside another broker', () => {
  let redis: TestRedis;
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis?.stop());

  async function openHarness(): Promise<Harness> {
    const url = `${redis.url}?global_keyprefix=${randomUUID()}`;
    const resultExpiresSeconds = 600;
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
      passMs: (ms) => sleep(ms),
      patienceMs: 0,
      longestPassMs: 5000,
      reopen: open,
      async close() {
        for (const { broker, results: store } of opened) {
          await broker.close();
          await store.close();
        }
      },
    };
  }

  settle(openHarness);
  closing(openHarness);
  results(openHarness);
  claims(openHarness);
  schedules(openHarness);
});
