/** A result as an item: what conditions and the index read are attributes, all else is one JSON text. */
import type { Item } from '../../aws/calls.ts';
import { isReady, precedence } from '../../result-precedence.ts';
import type { ResultUpdate, StoredResult, TaskState } from '../../result-store.ts';
import { bucketOf } from './buckets.ts';
import { numberOf, numeric, type Table, textOf, timeToLive } from './table.ts';

/** The key of a task's item, which holds its claim and its result. */
export function taskKey(id: string): string {
  return `task#${id}`;
}

/** The rank of a state that any state may replace: above every precedence. */
export const OPEN_RANK = 9;

/** What an update's precedence must be below to replace this state within one attempt. */
function rankOf(state: TaskState): number {
  return isReady(state) ? precedence(state) : OPEN_RANK;
}

/**
 * `at` is the time of the last change in µs: its thousands are the clock's, the rest keeps the order of one process.
 * What is not after `oldest` has expired and counts as absent.
 */
export function lastExpiredAt(nowMs: number, expiresSeconds: number): number {
  return (nowMs - expiresSeconds * 1000) * 1000 + 999;
}

const NAMES = {
  '#state': 'state',
  '#rank': 'rank',
  '#generation': 'generation',
  '#retries': 'retries',
  '#at': 'at',
  '#bucket': 'bucket',
  '#task': 'task',
  '#queue': 'queue',
  '#details': 'details',
  '#ttl': 'ttl',
} as const;

const STORE = `SET ${Object.keys(NAMES)
  .map((name) => `${name} = :${name.slice(1)}`)
  .join(', ')}`;

/** `supersedes` of result-precedence.ts as one condition; a SUCCESS has the rank 0, which nothing is below. */
const SUPERSEDES = `attribute_not_exists(#at) OR #at <= :oldest OR #rank > :precedence OR (#rank > :final AND
  (#generation < :generation OR (#generation = :generation AND #retries < :retries)))`;

/** The one write of an update: it takes effect unless what is stored must stay. */
export function storeUpdate(
  update: ResultUpdate,
  { at, expiresSeconds }: { readonly at: number; readonly expiresSeconds: number },
): Parameters<Table['update']>[1] {
  const { id, state, attempt, task, queue, ...details } = update;
  const nowMs = Math.floor(at / 1000);
  return {
    UpdateExpression: STORE,
    ConditionExpression: SUPERSEDES,
    ExpressionAttributeNames: NAMES,
    ExpressionAttributeValues: {
      ':state': { S: state },
      ':rank': numeric(rankOf(state)),
      ':generation': numeric(attempt.generation),
      ':retries': numeric(attempt.retries),
      ':at': numeric(at),
      ':bucket': { S: bucketOf(id, state, nowMs) },
      ':task': { S: task },
      ':queue': { S: queue },
      ':details': { S: JSON.stringify(details) },
      ':ttl': timeToLive(nowMs + expiresSeconds * 1000),
      ':oldest': numeric(lastExpiredAt(nowMs, expiresSeconds)),
      ':precedence': numeric(precedence(state)),
      ':final': numeric(0),
    },
  };
}

/** Takes the result out of an item; a claim in it stays. */
export const FORGET: Parameters<Table['update']>[1] = {
  UpdateExpression: `REMOVE ${Object.keys(NAMES)
    .filter((name) => name !== '#ttl')
    .join(', ')}`,
  ConditionExpression: 'attribute_exists(pk)',
  ExpressionAttributeNames: Object.fromEntries(Object.entries(NAMES).filter(([name]) => name !== '#ttl')),
};

/** The result in an item; `undefined` where it has none, or one that has expired. */
export function resultOf(item: Item, oldest: number): StoredResult | undefined {
  const at = numberOf(item['at']);
  if (!(at > oldest)) return undefined;
  return {
    id: textOf(item['pk']).slice(taskKey('').length),
    state: textOf(item['state']),
    attempt: { retries: numberOf(item['retries']), generation: numberOf(item['generation']) },
    task: textOf(item['task']),
    queue: textOf(item['queue']),
    ...JSON.parse(textOf(item['details'])),
    updatedAtMs: Math.floor(at / 1000),
  };
}
