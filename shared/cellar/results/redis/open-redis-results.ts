/**
 * Results as Celery keeps them in Redis, so that each side reads what the other wrote, with claims, revocations, schedules,
 * attempts and chords beside them. What has expired the server deletes by itself.
 */
import type { AttemptCounter } from '../../backend.ts';
import type { ChordStore } from '../../chord-store.ts';
import type { Runtime } from '../../clock.ts';
import { isReady } from '../../result-precedence.ts';
import type { ResultStore, ScheduleStore } from '../../result-store.ts';
import { redisClaims } from './claims.ts';
import { openConnection } from './connection.ts';
import { keysWith } from './keys.ts';
import { listRecent } from './list-recent.ts';
import { readResults } from './read-results.ts';
import { redisAttempts } from './redis-attempts.ts';
import { redisChords } from './redis-chords.ts';
import { redisSchedules } from './redis-schedules.ts';
import { parseRedisUrl } from './redis-url.ts';
import { updateStore } from './store-updates.ts';
import { openSubscriptions } from './wait-results.ts';

export interface RedisResultsOptions {
  /** As `parseRedisUrl` reads it. */
  readonly url: string;
  readonly runtime: Runtime;
  /** How long results and revocations are kept. */
  readonly resultExpiresSeconds: number;
}

export interface RedisStores {
  readonly results: ResultStore;
  readonly schedules: ScheduleStore;
  readonly chords: ChordStore;
  readonly attempts: AttemptCounter;
}

/**
 * Opens the stores on one connection, and one more while somebody waits; closing the results closes both.
 * @throws CellarError `bad-settings`, `store-unavailable`, `not-supported` without the package ioredis
 */
export async function openRedisResults(options: RedisResultsOptions): Promise<RedisStores> {
  const { url, runtime, resultExpiresSeconds: expiresSeconds } = options;
  const { clock } = runtime;
  const location = parseRedisUrl(url);
  const connection = await openConnection(location, runtime);
  const keys = keysWith(location.keyPrefix);
  const store = updateStore({ connection, keys, clock, expiresSeconds });
  const read = (ids: readonly string[]) => readResults({ connection, keys, nowMs: clock.now() }, ids);
  const look = async (id: string) => (await read([id]))[0];
  const subscriptions = openSubscriptions({ connection, keys, clock, look });
  const results: ResultStore = {
    expiresSeconds,
    get: read,
    async store(updates) {
      await Promise.all(updates.map(store));
    },
    async wait(id, options) {
      if (options.timeoutMs > 0) return await subscriptions.wait(id, options);
      const found = await look(id);
      return found !== undefined && isReady(found.state) ? found : undefined;
    },
    ...redisClaims({ connection, keys, clock }),
    async revoke(ids) {
      await connection.call((redis) =>
        Promise.all(ids.map((id) => redis.set(keys.revoked(id), '1', 'EX', expiresSeconds))),
      );
    },
    async revoked(ids) {
      if (ids.length === 0) return new Set();
      const marks = await connection.call((redis) => redis.mget(ids.map(keys.revoked)));
      return new Set(ids.filter((_, index) => marks[index] !== null));
    },
    list: (options) => listRecent({ connection, keys, nowMs: clock.now() }, options),
    async forget(ids) {
      if (ids.length === 0) return;
      await connection.call((redis) => Promise.all([redis.del(ids.map(keys.task)), redis.zrem(keys.recent, ...ids)]));
    },
    cleanup: async () => 0, // the server deletes by itself
    async close() {
      subscriptions.close();
      await connection.close();
    },
  };
  return {
    results,
    schedules: redisSchedules(connection, keys, runtime),
    chords: redisChords(connection, keys, expiresSeconds),
    attempts: redisAttempts(connection, keys, runtime),
  };
}
