import type { StoredResult } from '../../result-store.ts';
import { decodeMeta } from '../task-meta.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';

/**
 * The results of these ids in one request, in that order; `undefined` = nothing stored.
 * @throws CellarError `bad-message` for one that is no JSON
 */
export async function readResults(
  { connection, keys, nowMs }: { readonly connection: RedisConnection; readonly keys: Keys; readonly nowMs: number },
  ids: readonly string[],
): Promise<readonly (StoredResult | undefined)[]> {
  if (ids.length === 0) return [];
  const texts = await connection.call((redis) => redis.mget(ids.map(keys.task)));
  return ids.map((id, index) => {
    const text = texts[index];
    return typeof text === 'string' ? decodeMeta(id, text, nowMs) : undefined;
  });
}
