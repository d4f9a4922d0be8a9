/** Keeps the deliveries that a worker holds invisible to others: prolongs each before 0.7 of its time is over. */
import type { Broker, Delivery } from '../broker.ts';
import type { Clock } from '../clock.ts';
import { describeError } from '../exception.ts';
import type { Logger } from '../log.ts';

/** Looks twice in the time that may pass: what is due at 0.7 is met at 0.35 or 0.7. */
const LOOK_EVERY = 0.35;

interface Held {
  readonly delivery: Delivery;
  readonly takenAtMs: number;
  prolongedAtMs: number;
}

export class VisibilityKeeper {
  readonly #broker: Broker;
  readonly #seconds: number;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** By receipt. */
  readonly #held = new Map<string, Held>();
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
    const now = this.#clock.now();
    this.#held.set(delivery.receipt, { delivery, takenAtMs: now, prolongedAtMs: now });
  }

  /** How long it has been held, in ms; 0 when it is not. */
  ageMs({ receipt }: Delivery): number {
    const takenAtMs = this.#held.get(receipt)?.takenAtMs;
    return takenAtMs === undefined ? 0 : this.#clock.now() - takenAtMs;
  }

  /** False when it was not held. */
  remove(delivery: Delivery): boolean {
    return this.#held.delete(delivery.receipt);
  }

  get size(): number {
    return this.#held.size;
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
    const due = [...this.#held.values()].filter(({ prolongedAtMs }) => prolongedAtMs <= old);
    if (due.length === 0) return;
    try {
      const prolonged = await this.#broker.extend(
        due.map(({ delivery }) => delivery),
        this.#seconds,
      );
      for (const [index, entry] of due.entries()) {
        if (prolonged[index] === true) entry.prolongedAtMs = now;
        else this.#lose(entry.delivery);
      }
    } catch (error) {
      this.#log.error(`deliveries not prolonged: ${describeError(error)}`, { count: due.length });
    }
  }

  /** It is another's now: what still runs of it here must not be settled. */
  #lose(delivery: Delivery): void {
    if (!this.remove(delivery)) return; // settled while it was asked for
    this.#log.warn('a delivery ran out before it was prolonged', { id: delivery.message.correlationId });
  }
}
