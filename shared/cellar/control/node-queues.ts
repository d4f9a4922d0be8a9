/** The queues that a node takes from: started with it, added and ended by remote control. */
import { CellarError } from '../errors.ts';
import type { QueueHandlers } from '../worker/registry.ts';
import type { RunningWorker, StopOptions } from '../worker/start-worker.ts';

export interface NodeQueuesParts {
  /** All that it has handlers for. */
  readonly available: ReadonlyMap<string, QueueHandlers>;
  readonly start: (handlers: QueueHandlers) => Promise<RunningWorker>;
}

export class NodeQueues {
  readonly #parts: NodeQueuesParts;
  readonly #running = new Map<string, RunningWorker>();
  readonly #starting = new Set<string>();
  readonly #ending = new Set<Promise<void>>();
  #isStopped = false;

  constructor(parts: NodeQueuesParts) {
    this.#parts = parts;
  }

  get available(): ReadonlyMap<string, QueueHandlers> {
    return this.#parts.available;
  }

  get workers(): readonly RunningWorker[] {
    return [...this.#running.values()];
  }

  /**
   * Takes from a queue from now on; one that it takes from already is no fault.
   * @throws CellarError `unknown-queue` where no handlers are here; what starting its worker throws
   */
  async add(queue: string): Promise<void> {
    const handlers = this.#parts.available.get(queue);
    if (handlers === undefined) {
      const allowed = [...this.#parts.available.keys()].join(', ');
      throw new CellarError('unknown-queue', `there are no handlers for the queue ${queue}, allowed: ${allowed}`);
    }
    if (this.#isStopped || this.#running.has(queue) || this.#starting.has(queue)) return;
    this.#starting.add(queue);
    try {
      const worker = await this.#parts.start(handlers);
      this.#running.set(queue, worker);
      if (this.#isStopped) await worker.stop();
    } finally {
      this.#starting.delete(queue);
    }
  }

  /** Takes nothing more of a queue; what runs is finished behind this call. False where it did not take from it. */
  cancel(queue: string): boolean {
    const worker = this.#running.get(queue);
    if (worker === undefined) return false;
    this.#running.delete(queue);
    const ending = worker.stop().finally(() => this.#ending.delete(ending));
    this.#ending.add(ending);
    return true;
  }

  async stop(options?: StopOptions): Promise<void> {
    this.#isStopped = true;
    await Promise.all([...this.workers.map((worker) => worker.stop(options)), ...this.#ending]);
  }
}
