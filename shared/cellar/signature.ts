/**
 * A signature: a task, its arguments and its options, not sent yet. Plain, immutable data; only a client sends.
 * Its JSON form on the wire is Celery's (`{"task","args","kwargs","options","subtask_type","immutable"}`).
 */
import type { Work } from './canvas.ts';

/** Options of one call; all of Celery's apply_async that do not depend on a broker. */
export interface SendOptions {
  /** Seconds from now until it may run, 0 or more; fractions count. Not with `eta`. @default 0 */
  readonly countdown?: number;
  /** Not before this time. Not with `countdown`. */
  readonly eta?: Date;
  /** Not run after this time (seconds from now, or a date): REVOKED is stored instead. */
  readonly expires?: number | Date;
  /** Queue instead of the task's own. */
  readonly queue?: string;
  /** Ordering key: tasks of one group in one queue run one at a time, in the order sent. */
  readonly messageGroup?: string;
  /** Sent twice with the same id within the deduplication window, it runs once. */
  readonly deduplicationId?: string;
  /** 0 to 9, 9 first, where the broker can. @default 0 */
  readonly priority?: number;
  /** The task id, instead of a new one: letters, digits and `-_.:`, at most 128. */
  readonly taskId?: string;
  /** Headers beside Celery's own; the handler reads them in `request.headers`. JSON values. */
  readonly headers?: Readonly<Record<string, unknown>>;
  /** Stores no state and no result of this call, whatever the contract says. */
  readonly ignoreResult?: boolean;
  /** Overrides the contract's, as does `softTimeLimitSeconds`. */
  readonly timeLimitSeconds?: number;
  readonly softTimeLimitSeconds?: number;
  /** Queue where the caller hears of it, with results that travel as messages. @default that of the sending process */
  readonly replyTo?: string;
  /** Name for logs and dashboards instead of the task's. */
  readonly shadow?: string;
  /** Marks for people and tools that watch: headers `stamps` and `stamped_headers`, as Celery's `stamp`. JSON values. */
  readonly stamps?: Readonly<Record<string, unknown>>;
  /** How the body is compressed; by the names that kombu gives to what it writes alike. @default not at all */
  readonly compression?: 'zlib' | 'gzip' | 'brotli' | 'zstd';
  /** Sent with the return value as first argument when it succeeded. */
  readonly link?: readonly Work[];
  /** Sent with the failed task's id as first argument when it failed for good. */
  readonly linkError?: readonly Work[];
}

declare const resultType: unique symbol;
declare const missingType: unique symbol;

/** What every signature holds, complete or not. */
export interface SignatureData {
  readonly task: string;
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly options: SendOptions & { readonly queue: string };
  /** Ignores the parent's result in a chain. */
  readonly immutable: boolean;
}

/** All arguments are there: it can be sent. `Result` is what the task returns. */
export interface Signature<Result> extends SignatureData {
  readonly [resultType]?: Result;
  readonly complete: true;
}

/** Some arguments are missing, named in the type; the first of them is filled by a parent's result. */
export interface PartialSignature<Result, Missing extends object> extends SignatureData {
  readonly [resultType]?: Result;
  readonly [missingType]?: Missing;
  readonly complete: false;
}

export type AnySignature = Signature<unknown> | PartialSignature<unknown, object>;
