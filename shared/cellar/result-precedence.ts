/**
 * Which stored state gives way to which: Celery's rules, the same in every result store.
 *
 * Source: celery/states.py (`precedence`) and celery/backends/base.py (`_store_result`: SUCCESS is final). Cellar adds the
 * attempt, because a retry or a redrive starts a task again whose earlier end is already stored.
 */
import type { ResultUpdate, StoredResult, TaskState } from './result-store.ts';

type Attempt = ResultUpdate['attempt'];

/** A state of the task's own counts as {@link CUSTOM_STATE}. */
const PRECEDENCE: ReadonlyMap<TaskState, number> = new Map([
  ['SUCCESS', 0],
  ['FAILURE', 1],
  ['REVOKED', 3],
  ['STARTED', 4],
  ['RECEIVED', 5],
  ['REJECTED', 6],
  ['RETRY', 7],
  ['PENDING', 8],
]);
const CUSTOM_STATE = 2;

/** Whether the task has come to its end: SUCCESS, FAILURE or REVOKED. */
export function isReady(state: TaskState): boolean {
  return state === 'SUCCESS' || state === 'FAILURE' || state === 'REVOKED';
}

/** Negative when `left` is the earlier attempt, positive when it is the later one; a redrive (generation) outweighs retries. */
export function compareAttempts(left: Attempt, right: Attempt): number {
  return left.generation - right.generation || left.retries - right.retries;
}

/** Whether `update` may replace what is stored: never a SUCCESS; a ready state only by a higher state or a later attempt. */
export function supersedes(
  update: Pick<ResultUpdate, 'state' | 'attempt'>,
  stored: Pick<ResultUpdate, 'state' | 'attempt'>,
): boolean {
  if (stored.state === 'SUCCESS') return false;
  if (!isReady(stored.state)) return true;
  return precedence(update.state) < precedence(stored.state) || compareAttempts(update.attempt, stored.attempt) > 0;
}

/** Whether the run of `attempt` has come to an end that `stored` tells: its own outcome, or that of a later attempt. */
export function isOutcomeOf(stored: StoredResult, attempt: Attempt): boolean {
  const order = compareAttempts(stored.attempt, attempt);
  return order > 0 || (order === 0 && (isReady(stored.state) || stored.state === 'RETRY'));
}

/** Lower is stronger. */
export function precedence(state: TaskState): number {
  return PRECEDENCE.get(state) ?? CUSTOM_STATE;
}
