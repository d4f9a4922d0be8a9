/** Keeps the deliveries that a worker holds invisible to others: prolongs each before 0.7 of its time is over. */
import type { Broker, Delivery } from '../broker.ts';
import type { Clock } from '../clock.ts';
import { describeError } from '../exception.ts';
import type { Logger } from '../log.ts';

/** Looks twice in the time that may pass: what is due at 0.7 is met at 0.35 or 0.7. */
const LOOK_EVERY = 0.35;

export class VisibilityKeeper {
  readonly #broker: Broker;
  readonly #seconds: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Receipt → the delivery and when it was last prolonged. */
  readonly #held = new Map<string, { readonly delivery: Delivery; sinceMs: number }>();
  #cancel: (() => void) | undefined;

  constructor(
    broker: Broker,
    seconds: number,
    { runtime, log }: { readonly runtime: { readonly clock: Clock }; readonly log: Logger },
  ) {
    this.#broker = broker;
    this.#seconds = seconds;
    this.#clock = runtime.clock;
    this.#log = log;
    if (broker.capabilities.extend) this.#arm();
  }

  add(delivery: Delivery): void {
    this.#held.set(delivery.receipt, { delivery, sinceMs: this.#clock.now() });
  }

  /** False when it was not held. */
  remove(delivery: Delivery): boolean {
    return this.#held.delete(delivery.receipt);
  }

  deliveries(): readonly Delivery[] {
    return [...this.#held.values()].map(({ delivery }) => delivery);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #arm(): void {
    this.#cancel = this.#clock.setTimer(this.#seconds * LOOK_EVERY * 1000, () => {
      this.#arm();
      void this.#extend();
    });
  }

  async #extend(): Promise<void> {
    const now = this.#clock.now();
    const old = now - this.#seconds * LOOK_EVERY * 1000 * 0.99;
    const due = [...this.#held.values()].filter(({ sinceMs }) => sinceMs <= old);
    if (due.length === 0) return;
    try {
      const prolonged = await this.#broker.extend(
        due.map(({ delivery }) => delivery),
        this.#seconds,
      );
      for (const [index, entry] of due.entries()) {
        if (prolonged[index] === true) entry.sinceMs = now;
        else this.#log.warn('a delivery ran out before it was prolonged', { id: entry.delivery.message.correlationId });
      }
    } catch (error) {
      this.#log.error(`deliveries not prolonged: ${describeError(error)}`, { count: due.length });
    }
  }
}
