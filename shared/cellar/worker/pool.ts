/** Where handlers run: in the worker's own event loop (`pools/async-pool.ts`), in threads, or in child processes. */
import type { BoundHandler } from '../worker.ts';
import type { Execution } from './execution.ts';
import type { Outbox } from './outbox.ts';
import type { Outcome } from './outcome.ts';

/** What became of a run, and what its handler sent. */
export interface PoolRun {
  readonly outcome: Outcome;
  readonly outbox: Outbox;
}

/** Runs handlers for the loops of one process; callable concurrently, up to the concurrency of the loops. */
export interface TaskPool {
  /** `async`, `threads`, `processes`. */
  readonly name: string;
  /** Runs one under its limits; never rejects: whatever the handler does becomes an outcome. */
  run(execution: Execution, handler: BoundHandler, args: object): Promise<PoolRun>;
  /**
   * Ends a run whose task was revoked with `terminate`: its signal fires, and where it has a thread or process of its own that
   * is killed. Its outcome is `revoked`. False when it does not run here.
   */
  terminate(taskId: string): boolean;
  /** Ids of the processes that run handlers, for `stats`; empty where there are none. */
  processIds(): readonly number[];
  /**
   * Says how many tasks of a queue are to run side by side; 0 when its worker has stopped. A pool of children has as many as
   * all queues together, so that no run waits for one, holding its message and its claim: it starts some, or ends those
   * that are idle. Absent where nothing but its callers limits that.
   */
  resize?(queue: string, concurrency: number): void;
  /** Stops what it started; what still runs is abandoned. */
  close(): Promise<void>;
}
