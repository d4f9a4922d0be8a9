/** Lists results newest first: the index says which, their keys what they are now. */
import type { ResultListOptions, StoredResult } from '../../result-store.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { readResults } from './read-results.ts';

const IDS_A_PAGE = 500;

export interface Listing {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly nowMs: number;
}

/** Reads one page of the index after the other until there are enough; one that is gone meanwhile is left out. */
export async function listRecent(
  { connection, keys, nowMs }: Listing,
  options: ResultListOptions,
): Promise<readonly StoredResult[]> {
  const found = new Map<string, StoredResult>();
  const pageSize = Math.max(IDS_A_PAGE, options.limit);
  for (let first = 0; found.size < options.limit; first += pageSize) {
    const ids = await connection.call((redis) => redis.zrevrange(keys.recent, first, first + pageSize - 1));
    if (ids.length === 0) break;
    for (const result of await readResults({ connection, keys, nowMs }, ids)) {
      if (result !== undefined && isAsked(result, options)) found.set(result.id, result);
    }
  }
  return [...found.values()].slice(0, options.limit);
}

function isAsked(result: StoredResult, { state, task, queue }: ResultListOptions): boolean {
  return (
    (state === undefined || result.state === state) &&
    (task === undefined || result.task === task) &&
    (queue === undefined || result.queue === queue)
  );
}
