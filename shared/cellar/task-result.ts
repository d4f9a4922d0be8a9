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

/** What sending answers. */
export type Sent = SentTask<unknown> | SentGroup<unknown> | SentChord<unknown>;

/** The tasks of a group. */
export interface SentGroup<Result> {
  readonly id: string;
  readonly members: readonly SentTask<Result>[];
  /** The results in the order of the members; rejects with the first failure. */
  get(options?: GetOptions): Promise<readonly Result[]>;
}

/** A chord: its result is that of its body, with the parts of its header beside. */
export interface SentChord<Result> extends SentTask<Result> {
  readonly header: readonly SentTask<unknown>[];
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

/** The tasks of a group, seen together. */
export function sentGroup<Result>(id: string, members: readonly SentTask<Result>[]): SentGroup<Result> {
  return { id, members, get: (options) => Promise.all(members.map((task) => task.get(options))) };
}

/** A workflow that ends in a group, as one task: nothing is stored under its own id. */
export function groupAsTask<Result>({ id, members, get }: SentGroup<Result>): SentTask<readonly Result[]> {
  return {
    id,
    accepted: members.some(({ accepted }) => accepted),
    async state() {
      const states = await Promise.all(members.map((task) => task.state()));
      if (states.some((state) => state === 'FAILURE' || state === 'REVOKED')) return 'FAILURE';
      return states.every((state) => state === 'SUCCESS') ? 'SUCCESS' : 'PENDING';
    },
    info: async () => undefined,
    get,
  };
}

function resultOf<Result>(stored: StoredResult): Result {
  const value = decodeJson(stored.result);
  if (stored.state !== 'SUCCESS') throw errorOfStored(stored.state, value);
  // What a worker of this contract stored; the contract's types are the word between both ends.
  return value as Result;
}
