import { CellarError } from 'cellar';
import type { Item } from 'cellar/aws';
import { pause, type TableAccess, told } from './access.ts';

/** Keys in one BatchGetItem. */
const KEYS_AT_ONCE = 100;
/** DynamoDB may leave keys of a batch for the next call; at most so often. */
const MAX_CALLS = 10;

export interface ReadOptions {
  /** Whether what was written last is read, for twice the price. @default false: it may lag a second behind */
  readonly isConsistent?: boolean;
}

/**
 * The items of distinct keys that are there, in any order.
 * @throws CellarError `store-unavailable`
 */
export async function readItems(
  access: TableAccess,
  keys: readonly Item[],
  { isConsistent = false }: ReadOptions = {},
): Promise<readonly Item[]> {
  const found: Item[] = [];
  for (let start = 0; start < keys.length; start += KEYS_AT_ONCE) {
    found.push(...(await readBatch(access, keys.slice(start, start + KEYS_AT_ONCE), isConsistent)));
  }
  return found;
}

async function readBatch(
  access: TableAccess,
  keys: readonly Item[],
  ConsistentRead: boolean,
): Promise<readonly Item[]> {
  const { calls, table } = access;
  const found: Item[] = [];
  let left = keys;
  for (let tries = 1; left.length > 0; tries++) {
    if (tries > MAX_CALLS) throw new CellarError('store-unavailable', `${left.length} keys were not read`);
    if (tries > 1) await pause(access, tries);
    const asked = { [table]: { Keys: left, ConsistentRead } };
    const answer = await told(() => calls.call('dynamodb:BatchGetItem', { RequestItems: asked }));
    found.push(...(answer.Responses?.[table] ?? []));
    left = answer.UnprocessedKeys?.[table]?.Keys ?? [];
  }
  return found;
}
