/**
 * The result store port: Celery's task states, kept by task id.
 *
 * Unknown ids are PENDING, as in Celery. Precedence is Celery's: once SUCCESS is stored nothing overwrites it;
 * a ready state (SUCCESS, FAILURE, REVOKED) is overwritten only by a state of higher precedence or by a later attempt.
 */
import type { OutgoingMessage } from './broker.ts';

/** Celery's built-in states (celery/states.py); a task may also store states of its own. */
export type TaskState =
  | 'PENDING'
  | 'RECEIVED'
  | 'STARTED'
  | 'SUCCESS'
  | 'FAILURE'
  | 'RETRY'
  | 'REVOKED'
  | (string & {});

/** An exception as Celery's JSON encodes it. */
export interface StoredException {
  readonly exc_type: string;
  readonly exc_message: readonly unknown[];
  readonly exc_module: string;
}

/** What is stored when a task changes state. `result` is encoded JSON: the core encodes and decodes, stores keep text. */
export interface ResultUpdate {
  readonly id: string;
  readonly state: TaskState;
  /** The return value, a {@link StoredException}, or the meta of a custom state: JSON text with Celery's tagged types. */
  readonly result: string;
  readonly traceback?: string;
  /** (retries, generation): a later attempt may overwrite what an earlier one left. */
  readonly attempt: { readonly retries: number; readonly generation: number };
  readonly task: string;
  /** Encoded JSON of args and kwargs, for people who look. */
  readonly args: string;
  readonly kwargs: string;
  readonly queue: string;
  readonly worker: string;
  readonly parentId?: string;
  readonly rootId?: string;
  readonly groupId?: string;
  /** Where the caller waits for it, on a broker that carries results as messages (`rpc:`). */
  readonly replyTo?: string;
  /** Ids of the tasks that this one sent. */
  readonly children?: readonly string[];
  /**
   * What a run of a task marked `once` publishes, saved before it is published where the broker is not transactional:
   * a replay publishes these again.
   */
  readonly outbox?: readonly OutgoingMessage[];
  readonly receivedAtMs?: number;
  readonly startedAtMs?: number;
  /** Set for ready states only, as Celery's date_done. */
  readonly doneAtMs?: number;
}

export interface StoredResult extends ResultUpdate {
  readonly updatedAtMs: number;
}

/** What `claim` found for a task marked `once`. */
export type Claim =
  | { readonly kind: 'claimed' }
  /** Another run holds it, until then unless it prolongs. */
  | { readonly kind: 'running'; readonly untilMs: number }
  /** It ran to its end: the outcome of that run, and the children it saved, to be published again. */
  | { readonly kind: 'done'; readonly result: StoredResult };

export interface ResultListOptions {
  readonly limit: number;
  readonly state?: TaskState;
  readonly task?: string;
  readonly queue?: string;
}

export interface ResultStore {
  /** How long results are kept, in seconds; checked at read too. */
  readonly expiresSeconds: number;
  /** The most that one update may have, in bytes of JSON; absent where the store has no such limit. */
  readonly maxUpdateBytes?: number;
  /** Where the caller's process hears of results, on a store that sends them as messages: each task is sent with it. */
  readonly replyTo?: string;
  /** Why it grants no claims, so that a task marked `once` cannot run; absent where it does. */
  readonly refusesClaims?: string;

  /** The stored results of these ids, in that order; `undefined` = nothing stored (PENDING). */
  get(ids: readonly string[]): Promise<readonly (StoredResult | undefined)[]>;

  /**
   * Stores updates in order, by the precedence above. Callable concurrently. On a fault none of one call is stored where
   * the store has transactions, else perhaps some: the same call again is right.
   */
  store(updates: readonly ResultUpdate[]): Promise<void>;

  /**
   * Resolves with the result as soon as it is in a ready state, with `undefined` after `timeoutMs` or when `signal`
   * aborts. Does not poll faster than needed: stores that can notify, do.
   */
  wait(
    id: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<StoredResult | undefined>;

  /** Claims (id, attempt) for one run, for `leaseSeconds`; atomic among all processes. Claimed again by the same `owner`, it is prolonged. */
  claim(
    key: { readonly id: string; readonly retries: number; readonly generation: number },
    owner: string,
    leaseSeconds: number,
  ): Promise<Claim>;

  /** Gives up claims of one owner, so that another run need not wait for the lease to end. */
  unclaim(
    keys: readonly { readonly id: string; readonly retries: number; readonly generation: number }[],
    owner: string,
  ): Promise<void>;

  /** Marks tasks revoked; remembered for `expiresSeconds`. A worker that meets one stores REVOKED and does not run it. */
  revoke(ids: readonly string[]): Promise<void>;

  /** Which of these ids are revoked. */
  revoked(ids: readonly string[]): Promise<ReadonlySet<string>>;

  /** The newest results first, for people who look. */
  list(options: ResultListOptions): Promise<readonly StoredResult[]>;

  /** Deletes results; unknown ids are no fault. */
  forget(ids: readonly string[]): Promise<void>;

  /** Deletes what has expired; answers how many. Stores whose server does it by itself answer 0. */
  cleanup(): Promise<number>;

  close(): Promise<void>;
}

/**
 * What beat remembers between firings. Two beats that share a store send each firing once: `advance` is a
 * compare-and-set, and each firing's message has an id derived from (schedule, due time).
 */
export interface ScheduleStore {
  /** The due time last fired of each schedule known, by name (ms since the epoch). */
  lastFired(): Promise<ReadonlyMap<string, number>>;
  /** Sets the last fired due time if it still is `expected`; false when another beat was first. */
  advance(name: string, expectedMs: number | undefined, firedMs: number): Promise<boolean>;
}
