/** Starts the worker of one queue in this process. */
import type { Delivery } from '../broker.ts';
import type { Cellar } from '../cellar.ts';
import { checkClaims } from './check-claims.ts';
import { checkHold } from './check-hold.ts';
import { declaredQueue, openEnvironment, type WorkerHost } from './open-environment.ts';
import type { TaskPool } from './pool.ts';
import { RateLimits } from './rate-limits.ts';
import type { QueueHandlers } from './registry.ts';
import type { Taking } from './taker.ts';
import { WorkerLoop } from './worker-loop.ts';

export interface StopOptions {
  /** What still runs sees its signal fire and is given back at once. @default false */
  readonly cold?: boolean;
  /** With `cold`: how long what runs may take before, as Celery's soft shutdown, in ms. @default 0 */
  readonly softMs?: number;
}

/** A worker at work. */
export interface RunningWorker {
  readonly queue: string;
  /** Tasks side by side. */
  readonly concurrency: number;
  /** How many messages it holds at most. */
  readonly capacity: number;
  /** The messages that it holds: those that run and those that wait for their turn. */
  held(): readonly Delivery[];
  /** How many it holds. */
  readonly heldCount: number;
  /** How it stands with the broker. */
  readonly taking: Taking;
  /** Changes how many tasks run side by side; what runs already goes on. */
  resize(concurrency: number): void;
  /** Where its handlers run. */
  readonly pool: TaskPool;
  /**
   * Warm stop: takes nothing more, finishes what runs within the settings' shutdown timeout, gives the rest back. Called
   * again with `cold` it hurries.
   */
  stop(options?: StopOptions): Promise<void>;
}

export interface StartWorkerOptions extends WorkerHost {
  /** Tasks side by side. @default the worker's own, else that of the settings */
  readonly concurrency?: number;
  /** The rate limits of this process, shared by its workers. @default those of the handlers' contracts */
  readonly rates?: RateLimits;
}

/**
 * Builds a worker's context and starts taking messages.
 * @throws CellarError `unknown-queue` when the topology has no such queue; `not-supported` when a task may run longer than
 * the broker lets a message be held; whatever the worker's context throws
 */
export async function startWorker(
  cellar: Cellar,
  handlers: QueueHandlers,
  { rates = new RateLimits(cellar.runtime.clock), concurrency, ...host }: StartWorkerOptions = {},
): Promise<RunningWorker> {
  checkHold(cellar, handlers);
  checkClaims(handlers, cellar.backend.results);
  const { environment, cold, dispose } = await openEnvironment(cellar, handlers, host);
  rates.adopt(handlers.handlers);
  const { clock } = cellar.runtime;
  const loop = new WorkerLoop({
    broker: cellar.backend.broker,
    environment,
    rates,
    concurrency: concurrency ?? handlers.worker.concurrency ?? cellar.settings.workerConcurrency,
    prefetchMultiplier: cellar.settings.workerPrefetchMultiplier,
    visibilityTimeoutSeconds: declaredQueue(cellar.topology, environment.queue).visibilityTimeoutSeconds,
  });
  environment.pool.resize?.(environment.queue, loop.concurrency);
  const hurry = new AbortController();
  let stopping: Promise<void> | undefined;
  return {
    queue: environment.queue,
    get concurrency() {
      return loop.concurrency;
    },
    get capacity() {
      return loop.capacity;
    },
    get heldCount() {
      return loop.heldCount;
    },
    get taking() {
      return loop.taking;
    },
    held: () => loop.held(),
    resize(size) {
      environment.pool.resize?.(environment.queue, size);
      loop.resize(size);
    },
    pool: environment.pool,
    stop({ cold: isCold = false, softMs = 0 } = {}) {
      if (isCold && softMs === 0) hurry.abort();
      const cancel = isCold && softMs > 0 ? clock.setTimer(softMs, () => hurry.abort()) : () => undefined;
      stopping ??= loop
        .stop({
          timeoutMs: isCold && softMs > 0 ? softMs : cellar.settings.shutdownTimeoutSeconds * 1000,
          hurry: hurry.signal,
          interrupt: () => cold.abort(),
        })
        .finally(async () => {
          environment.pool.resize?.(environment.queue, 0);
          await dispose();
        });
      return stopping.finally(cancel);
    },
  };
}
