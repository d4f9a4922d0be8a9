import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Credit } from './held-messages.ts';

export interface ConsumersParts {
  readonly queue: string;
  /** The channel to consume on, where there is one now. */
  readonly channel: () => ConfirmChannel | undefined;
  /** How many more messages than are on their way may come. */
  readonly missing: () => number;
  readonly arrived: (channel: ConfirmChannel, credit: Credit, raw: ConsumeMessage) => void;
}

/** AMQP writes it in two bytes. */
const LARGEST_PREFETCH = 65_535;

/**
 * The consumers of one queue on one channel. A consumer's prefetch cannot grow, so that more is asked for by one more
 * consumer; what another has out stays its own.
 */
export class Consumers {
  readonly #parts: ConsumersParts;
  #credits: Credit[] = [];
  #tags = 0;
  #isAsking = false;
  /** The last that went wrong. */
  fault: unknown;

  constructor(parts: ConsumersParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#credits.length;
  }

  /** How many messages the server may push now. */
  get open(): number {
    let open = 0;
    for (const { prefetch, unsettled } of this.#credits) open += prefetch - unsettled;
    return open;
  }

  /** Lets the server push what is missing. Never rejects: where the channel is lost, its successor asks again. */
  async ask(): Promise<void> {
    if (this.#isAsking) return;
    this.#isAsking = true;
    try {
      for (;;) {
        const channel = this.#parts.channel();
        const prefetch = Math.min(this.#parts.missing(), LARGEST_PREFETCH);
        if (channel === undefined || prefetch <= 0) return;
        await this.#consume(channel, prefetch);
      }
    } catch (error) {
      this.fault = error;
    } finally {
      this.#isAsking = false;
    }
  }

  /** The channel is lost. */
  forget(): void {
    this.#credits = [];
  }

  /** Lets the server push nothing more. Never rejects; false where the channel was lost. */
  async cancel(channel: ConfirmChannel): Promise<boolean> {
    const cancelled = this.#credits;
    this.#credits = [];
    try {
      await Promise.all(cancelled.map(({ tag }) => channel.cancel(tag)));
      return true;
    } catch (error) {
      this.fault = error;
      return false;
    }
  }

  async #consume(channel: ConfirmChannel, prefetch: number): Promise<void> {
    const { queue } = this.#parts;
    const credit: Credit = { tag: `cellar-${++this.#tags}`, prefetch, unsettled: 0 };
    this.#credits.push(credit);
    // In one breath, so that the prefetch is this consumer's.
    const set = channel.prefetch(prefetch);
    const consuming = channel.consume(queue, (raw) => this.#arrived(channel, credit, raw), { consumerTag: credit.tag });
    await Promise.all([set, consuming]);
  }

  /** Without a message the server has ended the consumer: the queue was deleted, or moved to another node. */
  #arrived(channel: ConfirmChannel, credit: Credit, raw: ConsumeMessage | null): void {
    if (raw !== null) {
      this.#parts.arrived(channel, credit, raw);
      return;
    }
    this.#credits = this.#credits.filter((other) => other !== credit);
    void this.ask();
  }
}
