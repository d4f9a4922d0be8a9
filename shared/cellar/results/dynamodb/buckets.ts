/**
 * The partitions of the index of recent results: a day, a shard, and whether the state is SUCCESS.
 *
 * One partition takes 1,000 writes a second (DynamoDB developer guide, partition keys), so a day is spread over shards.
 * SUCCESS stands apart because it is the most common state by far, and people look for the others.
 */
import type { TaskState } from '../../result-store.ts';

const DAY_MS = 86_400_000;
const SHARDS = 8;

export function dayOf(timeMs: number): number {
  return Math.floor(timeMs / DAY_MS);
}

/** Where a result stands that changed then. */
export function bucketOf(id: string, state: TaskState, changedAtMs: number): string {
  return nameOf(dayOf(changedAtMs), shardOf(id), isCommon(state));
}

/** All partitions of a day that may hold results in this state; in any state where none is asked for. */
export function bucketsOf(day: number, state: TaskState | undefined): readonly string[] {
  const kinds = state === undefined ? [true, false] : [isCommon(state)];
  return kinds.flatMap((common) => Array.from({ length: SHARDS }, (_, shard) => nameOf(day, shard, common)));
}

function isCommon(state: TaskState): boolean {
  return state === 'SUCCESS';
}

function nameOf(day: number, shard: number, common: boolean): string {
  return `${day}.${shard}.${common ? 'success' : 'other'}`;
}

function shardOf(id: string): number {
  let sum = 0;
  for (let index = 0; index < id.length; index++) sum += id.charCodeAt(index);
  return sum % SHARDS;
}
