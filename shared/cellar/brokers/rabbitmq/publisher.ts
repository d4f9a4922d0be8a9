import { type ConfirmChannel, IllegalOperationError, type Message } from 'amqplib';
import type { Clock } from '../../clock.ts';
import { messageOf } from '../../exception.ts';
import { type Refusal, refusal } from '../plan-publish.ts';
import type { RabbitmqConnection } from './connection.ts';
import type { KeptChannel } from './kept-channel.ts';
import { NOT_STORED, refusedEncoding, refusedExchange, returnedRefusal } from './refusals.ts';
import type { RawMessage } from './wire.ts';

export interface PublisherParts {
  /** One that publishes only: the server may block it. */
  readonly connection: RabbitmqConnection;
  readonly clock: Clock;
  /** Called with the name of an exchange that the server does not have any more. */
  readonly onUnknownExchange: (exchange: string) => void;
}

/** Messages sent and not confirmed yet, at most. */
const WINDOW = 2_000;
const WINDOW_BYTES = 32 * 1_048_576;
/** How long a message is tried before it is refused. */
const TRY_MS = 10_000;
/** Before a message that the server could not store is sent again. */
const NACK_PAUSE_MS = 100;

/** A message until it is known what became of it. */
interface Pending {
  readonly message: RawMessage;
  readonly deadlineMs: number;
  /** The server has no queue for it; its confirm follows. */
  returned: Refusal | undefined;
  isOver: boolean;
  readonly answer: (refused: Refusal | undefined) => void;
}

/**
 * Sends messages on one channel with confirms, many under way at once, in the order in which they were given. What was not
 * confirmed when the channel was lost is sent again on the next, under the same ids.
 */
export class Publisher {
  readonly #parts: PublisherParts;
  readonly #underWay = new Set<Pending>();
  #waiting = new Set<Pending>();
  #bytesUnderWay = 0;
  /** Neither answered nor given up. */
  #open = 0;
  #kept: KeptChannel | undefined;
  #cancelAlarm: (() => void) | undefined;
  #whenDone: (() => void) | undefined;

  constructor(parts: PublisherParts) {
    this.#parts = parts;
    parts.connection.watch(() => this.#send());
  }

  /** For each message why it was refused, or `undefined`: the server has it. Answers within 10 s; never rejects. */
  send(messages: readonly RawMessage[]): Promise<readonly (Refusal | undefined)[]> {
    if (messages.length === 0) return Promise.resolve([]);
    this.#kept ??= this.#keep();
    const deadlineMs = this.#parts.clock.now() + TRY_MS;
    const outcomes: (Refusal | undefined)[] = new Array(messages.length);
    return new Promise((resolve) => {
      let left = messages.length;
      for (const [index, message] of messages.entries()) {
        const answer = (refused: Refusal | undefined): void => {
          outcomes[index] = refused;
          if (--left === 0) resolve(outcomes);
        };
        this.#waiting.add({ message, deadlineMs, returned: undefined, isOver: false, answer });
      }
      this.#open += messages.length;
      this.#setAlarm();
      this.#send();
    });
  }

  /** Resolves when nothing is under way any more, and its channel is closed. */
  async close(): Promise<void> {
    if (this.#open > 0) {
      await new Promise<void>((resolve) => {
        this.#whenDone = resolve;
      });
    }
    await this.#kept?.close();
  }

  #keep(): KeptChannel {
    return this.#parts.connection.keep({
      isConfirming: true,
      setUp: async (channel) => void channel.on('return', (message) => this.#returned(message)),
      ready: () => this.#send(),
      lost: (error) => this.#lost(error),
    });
  }

  /** Sends what waits, as far as the window reaches. */
  #send(): void {
    const channel = this.#kept?.current;
    if (channel === undefined || this.#parts.connection.blockedBecause !== undefined) return;
    for (const pending of this.#waiting) {
      if (this.#underWay.size >= WINDOW || this.#bytesUnderWay >= WINDOW_BYTES) return;
      if (!this.#sendOne(channel, pending)) return;
      this.#waiting.delete(pending);
    }
  }

  /** False where the channel has just gone. */
  #sendOne(channel: ConfirmChannel, pending: Pending): boolean {
    const { exchange, routingKey, body, options } = pending.message;
    try {
      channel.publish(exchange, routingKey, body, options, (error) => this.#confirmed(pending, error));
    } catch (error) {
      if (error instanceof IllegalOperationError) return false;
      this.#end(pending, refusedEncoding(error));
      return true;
    }
    this.#underWay.add(pending);
    this.#bytesUnderWay += body.length;
    return true;
  }

  /** `error` where the server could not take it over; or where the channel is lost, of which {@link #lost} takes care. */
  #confirmed(pending: Pending, error: unknown): void {
    const isRefused = error !== null;
    if (isRefused && messageOf(error) !== 'message nacked') return;
    if (!this.#underWay.delete(pending)) return;
    this.#bytesUnderWay -= pending.message.body.length;
    if (!isRefused) this.#end(pending, pending.returned);
    else if (!pending.isOver) this.#sendLater(pending);
    if (this.#waiting.size > 0) this.#send();
  }

  #sendLater(pending: Pending): void {
    this.#parts.clock.setTimer(NACK_PAUSE_MS, () => {
      if (this.#parts.clock.now() >= pending.deadlineMs) return this.#end(pending, NOT_STORED);
      this.#waiting.add(pending);
      this.#send();
    });
  }

  /** The server names no message, but where it was to go and whose it is. */
  #returned({ fields, properties }: Message): void {
    for (const pending of this.#underWay) {
      const { exchange, routingKey, options } = pending.message;
      const isIt = exchange === fields.exchange && routingKey === fields.routingKey;
      if (!isIt || pending.returned !== undefined || options.correlationId !== properties.correlationId) continue;
      pending.returned = returnedRefusal(exchange, routingKey);
      return;
    }
  }

  #lost(error: unknown): void {
    const lost = [...this.#underWay].filter(({ isOver }) => !isOver);
    this.#underWay.clear();
    this.#bytesUnderWay = 0;
    const refused = refusedExchange(error);
    for (const pending of lost) {
      pending.returned = undefined;
      if (refused?.exchange === pending.message.exchange) this.#end(pending, refused.refusal);
    }
    this.#waiting = new Set([...lost.filter(({ isOver }) => !isOver), ...this.#waiting]);
    if (refused !== undefined) this.#parts.onUnknownExchange(refused.exchange);
  }

  #end(pending: Pending, refused: Refusal | undefined): void {
    if (pending.isOver) return;
    pending.isOver = true;
    pending.answer(refused);
    if (--this.#open > 0) return;
    this.#cancelAlarm?.();
    this.#cancelAlarm = undefined;
    this.#whenDone?.();
  }

  #setAlarm(delayMs = TRY_MS): void {
    this.#cancelAlarm ??= this.#parts.clock.setTimer(delayMs, () => {
      this.#cancelAlarm = undefined;
      const nowMs = this.#parts.clock.now();
      const open = [...this.#underWay, ...this.#waiting].filter(({ isOver }) => !isOver);
      for (const pending of open) if (pending.deadlineMs <= nowMs) this.#giveUp(pending);
      const next = open.find(({ isOver }) => !isOver);
      if (this.#open > 0) this.#setAlarm(next === undefined ? TRY_MS : next.deadlineMs - nowMs);
    });
  }

  /** One that is under way may still get there: its confirm then says nothing to anybody. */
  #giveUp(pending: Pending): void {
    this.#waiting.delete(pending);
    const { blockedBecause } = this.#parts.connection;
    const reason =
      blockedBecause === undefined
        ? this.#parts.connection.unavailable().message
        : `RabbitMQ takes no messages: ${blockedBecause}`;
    this.#end(pending, refusal('broker-unavailable', reason));
  }
}
