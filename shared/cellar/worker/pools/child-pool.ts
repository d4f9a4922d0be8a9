/** Runs each task in a thread or process of its own kind: several children, each with one task at a time. */
import { type Runtime, sleep } from '../../clock.ts';
import { describeError } from '../../exception.ts';
import type { Logger } from '../../log.ts';
import type { BoundHandler } from '../../worker.ts';
import type { Execution } from '../execution.ts';
import type { Outcome } from '../outcome.ts';
import type { PoolRun, TaskPool } from '../pool.ts';
import { PoolChild, type PoolChildOptions } from './pool-child.ts';
import { runInChild } from './run-in-child.ts';
import { NOTHING_SENT } from './run-in-loop.ts';

export interface ChildPoolOptions extends PoolChildOptions {
  readonly name: string;
  /** How many children, until the first `resize`. */
  readonly size: number;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** A child is replaced after so many runs. @default never */
  readonly maxTasksPerChild?: number | undefined;
  /** A child that has more than this after a run is replaced. @default never */
  readonly maxMemoryBytesPerChild?: number | undefined;
}

interface Job {
  readonly execution: Execution;
  readonly handler: BoundHandler;
  readonly resolve: (run: PoolRun) => void;
}

type Taker = (job: Job | undefined) => void;

/** Longest pause before a child is started again after one that could not be. */
const MAX_PAUSE_MS = 5_000;

export class ChildPool implements TaskPool {
  readonly name: string;
  readonly #options: ChildPoolOptions;
  readonly #children = new Set<PoolChild>();
  readonly #jobs: Job[] = [];
  readonly #takers: Taker[] = [];
  /** By task id: ends the run. */
  readonly #running = new Map<string, (outcome: Outcome) => void>();
  readonly #stop = new AbortController();
  /** By queue. */
  readonly #wanted = new Map<string, number>();
  #size: number;
  #seats = 0;

  private constructor(options: ChildPoolOptions) {
    this.name = options.name;
    this.#options = options;
    this.#size = options.size;
  }

  /** Starts all children. @throws what keeps one of them from running tasks */
  static async open(options: ChildPoolOptions): Promise<ChildPool> {
    const pool = new ChildPool(options);
    const children = Array.from({ length: options.size }, () => pool.#startChild());
    try {
      await Promise.all(children.map((child) => child.ready));
    } catch (error) {
      await pool.close();
      throw error;
    }
    for (const child of children) void pool.#seat(child);
    return pool;
  }

  resize(queue: string, concurrency: number): void {
    this.#wanted.set(queue, concurrency);
    this.#size = [...this.#wanted.values()].reduce((sum, wanted) => sum + wanted, 0);
    for (let seats = this.#seats; seats < this.#size; seats++) void this.#seat(this.#startChild());
    for (const take of this.#takers.splice(0, Math.max(0, this.#seats - this.#size))) take(undefined);
  }

  run(execution: Execution, handler: BoundHandler): Promise<PoolRun> {
    return new Promise((resolve) => {
      const job = { execution, handler, resolve };
      const take = this.#takers.shift();
      if (take === undefined) this.#jobs.push(job);
      else take(job);
    });
  }

  terminate(taskId: string): boolean {
    const waiting = this.#jobs.findIndex(({ execution }) => execution.id === taskId);
    const [job] = waiting < 0 ? [] : this.#jobs.splice(waiting, 1);
    job?.resolve({ outcome: { kind: 'revoked' }, outbox: NOTHING_SENT });
    const end = this.#running.get(taskId);
    end?.({ kind: 'revoked' });
    return job !== undefined || end !== undefined;
  }

  processIds(): readonly number[] {
    return [...this.#children].flatMap(({ pid }) => pid ?? []);
  }

  async close(): Promise<void> {
    this.#stop.abort();
    for (const take of this.#takers.splice(0)) take(undefined);
    for (const { resolve } of this.#jobs.splice(0)) {
      resolve({ outcome: { kind: 'lost', reason: 'the worker stops' }, outbox: NOTHING_SENT });
    }
    await Promise.all([...this.#children].map((child) => child.close(this.#options.runtime.clock)));
  }

  #startChild(): PoolChild {
    const child = new PoolChild(this.#options);
    this.#children.add(child);
    void child.ended.then(() => this.#children.delete(child));
    return child;
  }

  /** The place of one child: serves runs, and has another child in the place of one that has ended or was long enough there. */
  async #seat(first: PoolChild): Promise<void> {
    this.#seats++;
    let faults = 0;
    for (let child = first; ; child = this.#startChild()) {
      const { clock } = this.#options.runtime;
      try {
        await child.ready;
        faults = 0;
        await this.#serve(child);
      } catch (error) {
        this.#options.log.error(`a child of the pool does not start: ${describeError(error)}`, { pool: this.name });
        await sleep(clock, Math.min(MAX_PAUSE_MS, 100 * 2 ** Math.min(faults++, 10)), this.#stop.signal);
      }
      void child.close(clock);
      if (this.#stop.signal.aborted || this.#seats > this.#size) break;
    }
    this.#seats--;
  }

  /** Until the child has ended, was there long enough, or is not wanted any more. */
  async #serve(child: PoolChild): Promise<void> {
    const { maxTasksPerChild = Number.POSITIVE_INFINITY, maxMemoryBytesPerChild = Number.POSITIVE_INFINITY } =
      this.#options;
    while (child.runs < maxTasksPerChild && child.memoryBytes <= maxMemoryBytesPerChild && !child.isEnded) {
      if (this.#stop.signal.aborted || this.#seats > this.#size) return;
      const job = this.#jobs.shift() ?? (await this.#nextJob(child));
      if (job === undefined) return;
      job.resolve(await this.#runIn(child, job));
    }
  }

  /** Resolves with `undefined` when the child ends, or is not wanted any more. */
  #nextJob(child: PoolChild): Promise<Job | undefined> {
    return new Promise((resolve) => {
      const take: Taker = (job) => {
        child.onEnd = undefined;
        resolve(job);
      };
      child.onEnd = () => {
        const index = this.#takers.indexOf(take);
        if (index >= 0) this.#takers.splice(index, 1);
        take(undefined);
      };
      this.#takers.push(take);
    });
  }

  async #runIn(child: PoolChild, { execution, handler }: Job): Promise<PoolRun> {
    try {
      return await runInChild(child, execution, {
        handler,
        onStart: (end) => this.#running.set(execution.id, end),
      });
    } finally {
      this.#running.delete(execution.id);
    }
  }
}
