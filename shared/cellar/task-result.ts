/** A task that was sent, seen from its caller (Celery's AsyncResult). */
import { decodeJson } from './celery/tagged-json.ts';
import { CellarError } from './errors.ts';
import { errorOfStored } from './exception.ts';
import type { ResultStore, StoredResult, TaskState } from './result-store.ts';

export interface GetOptions {
  /** @default 10000 */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface TaskResult<Result> {
  readonly id: string;
  /** Celery's state; PENDING for an id that nobody knows. */
  state(): Promise<TaskState>;
  /** Everything that is stored, or `undefined`. */
  info(): Promise<StoredResult | undefined>;
  /**
   * Waits for the return value.
   * @throws CellarError `timeout`, `task-failed` or `task-revoked`, with the task's own message
   */
  get(options?: GetOptions): Promise<Result>;
}

/** A task that was sent just now. */
export interface SentTask<Result> extends TaskResult<Result> {
  /** False when its deduplication id had been seen: nothing new was sent. */
  readonly accepted: boolean;
}

/** The tasks of a group. */
export interface SentGroup<Result> {
  readonly id: string;
  readonly members: readonly SentTask<Result>[];
  /** The results in the order of the members; rejects with the first failure. */
  get(options?: GetOptions): Promise<readonly Result[]>;
}

const DEFAULT_TIMEOUT_MS = 10_000;

/** The result of one task id, read from a store. */
export function taskResult<Result>(results: ResultStore, id: string): TaskResult<Result> {
  return {
    id,
    state: async () => (await results.get([id]))[0]?.state ?? 'PENDING',
    info: async () => (await results.get([id]))[0],
    async get({ timeoutMs = DEFAULT_TIMEOUT_MS, signal } = {}) {
      const stored = await results.wait(id, { timeoutMs, ...(signal === undefined ? undefined : { signal }) });
      if (stored === undefined) {
        throw new CellarError('timeout', `task ${id} has no result after ${timeoutMs} ms; it may still run`);
      }
      return resultOf<Result>(stored);
    },
  };
}

function resultOf<Result>(stored: StoredResult): Result {
  const value = decodeJson(stored.result);
  if (stored.state !== 'SUCCESS') throw errorOfStored(stored.state, value);
  // What a worker of this contract stored; the contract's types are the word between both ends.
  return value as Result;
}
