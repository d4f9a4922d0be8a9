/** The client: sends signatures and reads results. No global app; a program opens one. */
import type { DatabaseSync } from 'node:sqlite';
import type { Backend } from './backend.ts';
import type { BrokerAdmin } from './broker.ts';
import type { Runtime } from './clock.ts';
import type { Logger } from './log.ts';
import type { ResultStore, StoredResult, TaskState } from './result-store.ts';
import type { Settings } from './settings.ts';
import type { SendOptions, Signature } from './signature.ts';
import type { Topology } from './topology.ts';
import type { BoundHandler } from './worker.ts';

export interface OpenOptions {
  /** @default the environment's `CELLAR_*` variables */
  readonly settings?: Settings;
  /** @default one queue for each queue that a handler works on, and Celery's default queue */
  readonly topology?: Topology;
  /** Handlers to run in this process: a one-file program needs nothing else. @default none, only sends */
  readonly handlers?: readonly BoundHandler[];
  /** @default the real clock, random and ids */
  readonly runtime?: Runtime;
  /** @default lines on standard error, at the level of the settings */
  readonly log?: Logger;
  /** An opened backend to use (and leave open) instead of the settings' broker URL. */
  readonly backend?: Backend;
}

/** A task that was sent. */
export interface SentTask<Result> extends TaskResult<Result> {
  /** False when the deduplication id had been seen: nothing new was sent. */
  readonly accepted: boolean;
}

export interface TaskResult<Result> {
  readonly id: string;
  /** Celery's state; PENDING for an id that nobody knows. */
  state(): Promise<TaskState>;
  /** Everything that is stored, or `undefined`. */
  info(): Promise<StoredResult | undefined>;
  /**
   * Waits for the return value.
   * @throws CellarError `timeout`, `task-failed` or `task-revoked` (message = the task's own)
   */
  get(options?: { /** @default 10000 */ readonly timeoutMs?: number; readonly signal?: AbortSignal }): Promise<Result>;
}

export interface Published {
  /** Id of the message; each queue's copy has its own, in `copies`. */
  readonly id: string;
  /** The queues that it matched, by the topology. */
  readonly queues: readonly string[];
  /** Queue → id of its copy. */
  readonly copies: Readonly<Record<string, string>>;
}

export interface PublishOptions extends Omit<SendOptions, 'queue' | 'countdown' | 'eta' | 'link' | 'linkError'> {
  /** Throw `unroutable` when no queue matches. @default false */
  readonly mandatory?: boolean;
}

export interface ClientTransaction {
  /** The broker's SQLite file; use only inside the callback. Table names must not begin with `cellar_`. */
  readonly database: DatabaseSync;
  /** Sends within the transaction; answers the task id. */
  send(signature: Signature<unknown>, options?: SendOptions): string;
  publish(exchange: string, routingKey: string, signature: Signature<unknown>, options?: PublishOptions): Published;
}

export interface Cellar {
  readonly settings: Settings;
  readonly topology: Topology;
  readonly admin: BrokerAdmin;
  readonly results: ResultStore;
  send<Result>(signature: Signature<Result>, options?: SendOptions): Promise<SentTask<Result>>;
  publish(
    exchange: string,
    routingKey: string,
    signature: Signature<unknown>,
    options?: PublishOptions,
  ): Promise<Published>;
  result<Result = unknown>(id: string): TaskResult<Result>;
  /** Drops a task that has not started: REVOKED is stored when a worker meets it; a delayed one is deleted. */
  revoke(id: string): Promise<void>;
  /**
   * Application writes and sends in one commit (embedded broker only).
   * @throws CellarError `not-supported` on a broker that is not the application's database
   */
  transaction<T>(work: (transaction: ClientTransaction) => T): Promise<T>;
  /** Stops workers warmly, then closes broker and store. */
  close(): Promise<void>;
}
