/** Sets how many tasks run side by side by how many wait, as Celery's autoscaler (celery/worker/autoscale.py). */
import type { Clock } from '../clock.ts';
import { repeat } from '../worker/repeat.ts';
import type { RunningWorker } from '../worker/start-worker.ts';

export interface AutoscaleRange {
  readonly max: number;
  readonly min: number;
}

const LOOK_EVERY_MS = 1_000;
/** No less for so long after there was more (AUTOSCALE_KEEPALIVE). */
const KEEP_MS = 30_000;

export class Autoscaler {
  readonly #clock: Clock;
  readonly #workers: () => readonly RunningWorker[];
  #range: AutoscaleRange;
  #grownAtMs: number;
  readonly #cancel: () => void;

  constructor(range: AutoscaleRange, clock: Clock, workers: () => readonly RunningWorker[]) {
    this.#clock = clock;
    this.#workers = workers;
    this.#range = range;
    this.#grownAtMs = clock.now();
    this.#cancel = repeat(clock, LOOK_EVERY_MS, () => {
      for (const worker of workers()) this.#scale(worker);
    });
  }

  get range(): AutoscaleRange {
    return this.#range;
  }

  /** Changes the range, and sizes that are outside of it at once. */
  update(range: Partial<AutoscaleRange>): AutoscaleRange {
    this.#range = { ...this.#range, ...range };
    const { max, min } = this.#range;
    for (const worker of this.#workers()) {
      const size = Math.max(min, Math.min(max, worker.concurrency));
      if (size !== worker.concurrency) worker.resize(size);
    }
    return this.#range;
  }

  stop(): void {
    this.#cancel();
  }

  #scale(worker: RunningWorker): void {
    const { max, min } = this.#range;
    const { concurrency, heldCount, capacity } = worker;
    // A worker that is full holds no more than it may: more may wait in the queue.
    const wanted = Math.max(min, Math.min(max, heldCount >= capacity ? heldCount + 1 : heldCount));
    if (wanted > concurrency) {
      this.#grownAtMs = this.#clock.now();
      worker.resize(wanted);
    } else if (wanted < concurrency && this.#clock.now() - this.#grownAtMs > KEEP_MS) worker.resize(wanted);
  }
}
