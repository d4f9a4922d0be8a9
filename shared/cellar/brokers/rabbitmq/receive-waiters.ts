import type { Delivery, ReceiveOptions } from '../../broker.ts';
import type { Clock } from '../../clock.ts';

interface Waiter {
  readonly maxMessages: number;
  answer(deliveries: readonly Delivery[]): void;
  fail(error: unknown): void;
}

/** Calls of `receive` that wait for messages, the oldest first. */
export class ReceiveWaiters {
  readonly #clock: Clock;
  readonly #waiting = new Set<Waiter>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#waiting.size;
  }

  /** How many messages they take together. */
  get wanted(): number {
    let wanted = 0;
    for (const { maxMessages } of this.#waiting) wanted += maxMessages;
    return wanted;
  }

  /** Waits for deliveries; `late` is asked what to do when the time is over: answer nothing, or throw. */
  wait({ maxMessages, waitMs, signal }: ReceiveOptions, late: () => void): Promise<readonly Delivery[]> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        cancel();
        signal?.removeEventListener('abort', onAbort);
        this.#waiting.delete(waiter);
      };
      const waiter: Waiter = {
        maxMessages,
        answer(deliveries) {
          end();
          resolve(deliveries);
        },
        fail(error) {
          end();
          reject(error);
        },
      };
      const onAbort = (): void => waiter.answer([]);
      const cancel = this.#clock.setTimer(waitMs, () => {
        try {
          late();
          waiter.answer([]);
        } catch (error) {
          waiter.fail(error);
        }
      });
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(waiter);
    });
  }

  /** Hands out what `take` has, until it has nothing more. */
  serve(take: (maxMessages: number) => readonly Delivery[]): void {
    for (const waiter of this.#waiting) {
      const deliveries = take(waiter.maxMessages);
      if (deliveries.length === 0) return;
      waiter.answer(deliveries);
    }
  }

  /** Ends all waits with nothing. */
  end(): void {
    for (const waiter of this.#waiting) waiter.answer([]);
  }

  fail(error: unknown): void {
    for (const waiter of this.#waiting) waiter.fail(error);
  }
}
