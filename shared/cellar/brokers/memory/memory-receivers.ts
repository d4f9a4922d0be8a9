import type { Delivery, ReceiveOptions } from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import type { Entry } from './entry.ts';
import type { MemoryQueue } from './memory-queue.ts';

interface Waiter {
  readonly queue: MemoryQueue;
  readonly max: number;
  readonly finish: (deliveries: readonly Delivery[]) => void;
}

/** Receive calls; those that wait are served by the very call that made something ready, or when a time has come. */
export class MemoryReceivers {
  readonly #clock: Clock;
  readonly #waiters = new Map<MemoryQueue, Set<Waiter>>();
  #alarm: { readonly atMs: number; readonly cancel: () => void } | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  async receive(queue: MemoryQueue, { maxMessages, waitMs, signal }: ReceiveOptions): Promise<readonly Delivery[]> {
    if (signal?.aborted === true) return [];
    const claimed = this.#claim(queue, maxMessages);
    if (claimed.length > 0 || waitMs <= 0) return claimed;
    return await new Promise((resolve) => {
      const end = (): void => waiter.finish([]);
      const cancel = this.#clock.setTimer(waitMs, end);
      const finish = (deliveries: readonly Delivery[]): void => {
        cancel();
        signal?.removeEventListener('abort', end);
        this.#waiters.get(queue)?.delete(waiter);
        resolve(deliveries);
      };
      const waiter: Waiter = { queue, max: maxMessages, finish };
      signal?.addEventListener('abort', end, { once: true });
      this.#waitersOf(queue).add(waiter);
      this.changed(queue);
    });
  }

  /** Something may be ready in this queue, or will be at another time: those who wait are served. */
  changed(queue: MemoryQueue): void {
    for (const waiter of this.#waiters.get(queue) ?? []) {
      const claimed = this.#claim(queue, waiter.max);
      if (claimed.length === 0) break;
      waiter.finish(claimed);
    }
    if (this.#waiters.get(queue)?.size) this.#expect(queue.nextDueAtMs());
  }

  close(): void {
    this.#alarm?.cancel();
    for (const waiters of this.#waiters.values()) for (const waiter of waiters) waiter.finish([]);
  }

  #claim(queue: MemoryQueue, max: number): readonly Delivery[] {
    return queue.claim(max, this.#clock.now()).map((entry) => deliveryOf(queue, entry));
  }

  #waitersOf(queue: MemoryQueue): Set<Waiter> {
    const found = this.#waiters.get(queue) ?? new Set();
    this.#waiters.set(queue, found);
    return found;
  }

  /** One timer for the earliest time at which a waiting call may be served. */
  #expect(atMs: number): void {
    if (atMs === Number.POSITIVE_INFINITY || (this.#alarm !== undefined && this.#alarm.atMs <= atMs)) return;
    this.#alarm?.cancel();
    const ring = (): void => {
      this.#alarm = undefined;
      for (const queue of this.#waiters.keys()) this.changed(queue);
    };
    this.#alarm = { atMs, cancel: this.#clock.setTimer(atMs - this.#clock.now(), ring) };
  }
}

function deliveryOf(queue: MemoryQueue, entry: Entry): Delivery {
  return {
    queue: queue.name,
    receipt: entry.receipt,
    message: entry.message,
    ...(entry.messageGroup === undefined ? {} : { messageGroup: entry.messageGroup }),
    deliveryCount: entry.deliveries,
    enqueuedAtMs: entry.enqueuedAtMs,
    visibleAtMs: entry.untilMs,
  };
}
