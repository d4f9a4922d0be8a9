/** Starts the worker of one queue in this process. */
import type { Cellar } from '../cellar.ts';
import { declaredQueue, openEnvironment } from './open-environment.ts';
import type { TaskPool } from './pool.ts';
import type { QueueHandlers } from './registry.ts';
import { WorkerLoop } from './worker-loop.ts';

/** A worker at work. */
export interface RunningWorker {
  readonly queue: string;
  /**
   * Warm stop: takes nothing more, finishes what runs within the settings' shutdown timeout, gives the rest back.
   * Called again with `cold`, what still runs sees its signal fire and is given back at once.
   */
  stop(options?: { readonly cold?: boolean }): Promise<void>;
}

export interface StartWorkerOptions {
  /** Tasks side by side. @default the worker's own, else that of the settings */
  readonly concurrency?: number;
  /** Where its handlers run; its owner closes it after the worker has stopped. @default this process's event loop */
  readonly pool?: TaskPool;
}

/**
 * Builds a worker's context and starts taking messages.
 * @throws CellarError `unknown-queue` when the topology has no such queue; whatever the worker's context throws
 */
export async function startWorker(
  cellar: Cellar,
  handlers: QueueHandlers,
  options: StartWorkerOptions = {},
): Promise<RunningWorker> {
  const { environment, cold, dispose } = await openEnvironment(cellar, handlers, options.pool);
  const loop = new WorkerLoop({
    broker: cellar.backend.broker,
    environment,
    concurrency: options.concurrency ?? handlers.worker.concurrency ?? cellar.settings.workerConcurrency,
    prefetchMultiplier: cellar.settings.workerPrefetchMultiplier,
    visibilityTimeoutSeconds: declaredQueue(cellar.topology, environment.queue).visibilityTimeoutSeconds,
  });
  const hurry = new AbortController();
  let stopping: Promise<void> | undefined;
  return {
    queue: environment.queue,
    stop(stopOptions = {}) {
      if (stopOptions.cold === true) hurry.abort();
      stopping ??= loop
        .stop({
          timeoutMs: cellar.settings.shutdownTimeoutSeconds * 1000,
          hurry: hurry.signal,
          interrupt: () => cold.abort(),
        })
        .finally(dispose);
      return stopping;
    },
  };
}
