import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import type { Delivery, ReceiveOptions } from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { RabbitmqConnection } from './connection.ts';
import { Consumers } from './consumers.ts';
import { deliveryOf } from './delivery-of.ts';
import { isGone } from './faults.ts';
import { type Credit, type Entry, type HeldMessages, OrderedMessages, PlainMessages } from './held-messages.ts';
import type { KeptChannel } from './kept-channel.ts';
import { WIRE_HEADERS } from './rabbitmq-names.ts';
import { ReceiveWaiters } from './receive-waiters.ts';
import { textHeader } from './wire.ts';

export interface ReceiverParts {
  readonly connection: RabbitmqConnection;
  readonly clock: Clock;
  readonly queue: string;
  /** Whether its groups are kept, by a consumer of its own kind. */
  readonly isOrdered: boolean;
  readonly hasPriorities: boolean;
  /** How long a delivery stays out whose settlement failed. */
  readonly visibilityMs: number;
  /** Called when the queue is no more. */
  readonly onGone: () => void;
}

/** What nobody asks for is hidden from others for this long at most. */
const IDLE_MS = 1_000;
/**
 * How many messages the consumer of an ordered queue may hold. Always the same, in every process: a quorum queue puts what
 * comes back before what is new, but behind what came back before, so a consumer must take all of that at once, lest the
 * next process get them in another order. (A classic queue puts each back in its place.)
 */
const ORDERED_WINDOW = 200;

/** The messages of one queue in one process: pushed by the server as far as somebody asks for them, kept until settled. */
export class QueueReceiver {
  readonly #parts: ReceiverParts;
  readonly #held: HeldMessages;
  readonly #waiters: ReceiveWaiters;
  readonly #out = new Map<string, Entry>();
  readonly #kept: KeptChannel;
  readonly #consumers: Consumers;
  #receipts = 0;
  readonly #retries = new Set<() => void>();
  #isServing = false;
  #isClosed = false;
  #askedAtMs = 0;
  #cancelIdle: (() => void) | undefined;
  #cancelDue: (() => void) | undefined;

  constructor(parts: ReceiverParts) {
    this.#parts = parts;
    this.#held = parts.isOrdered ? new OrderedMessages() : new PlainMessages();
    this.#waiters = new ReceiveWaiters(parts.clock);
    this.#consumers = new Consumers({
      queue: parts.queue,
      channel: () => this.#kept.current,
      missing: () => this.#missing(),
      arrived: (channel, credit, raw) => this.#arrived(channel, credit, raw),
    });
    this.#kept = parts.connection.keep({
      ready: () => void this.#consumers.ask(),
      lost: (error) => this.#lost(error),
    });
  }

  async receive(options: ReceiveOptions): Promise<readonly Delivery[]> {
    this.#askedAtMs = this.#parts.clock.now();
    const ready = this.#handOut(options.maxMessages);
    if (ready.length > 0 || options.signal?.aborted === true || this.#isClosed) return ready;
    const waited = this.#waiters.wait(options, () => {
      if (this.#kept.current === undefined) throw this.#parts.connection.unavailable(this.#consumers.fault);
    });
    void this.#consumers.ask();
    this.#watchIdle();
    return await waited;
  }

  get isOrdered(): boolean {
    return this.#parts.isOrdered;
  }

  /** The message of a receipt that is out. */
  out(receipt: string): Entry | undefined {
    return this.#out.get(receipt);
  }

  /** Messages that came here and are not out. */
  get waiting(): number {
    return this.#held.waitingCount;
  }

  /** Acknowledges one that is out; false when it was settled meanwhile, or its channel is gone. */
  ack(entry: Entry): boolean {
    if (!this.#end(entry)) return false;
    try {
      entry.channel.ack(entry.raw);
    } catch {
      return false; // the channel has just gone
    }
    return true;
  }

  /** Acknowledges what waits here; answers how many. */
  discardWaiting(): number {
    const waiting = this.#held.waiting;
    for (const entry of waiting) {
      this.#held.remove(entry);
      entry.credit.unsettled--;
      if (entry.channel === this.#kept.current) entry.channel.ack(entry.raw);
    }
    return waiting.length;
  }

  /** Keeps one of an ordered queue in its place, to be delivered again when it is due; false as {@link ack}. */
  putBack(entry: Entry, dueMs: number): boolean {
    if (!this.#out.delete(entry.receipt)) return false;
    entry.dueMs = dueMs;
    this.#held.putBack(entry);
    this.#serveSoon();
    return true;
  }

  /** Lets one whose settlement failed come again, unless it is settled after all until its visibility is over. */
  retryLater(entry: Entry): void {
    const { receipt } = entry;
    const cancel = this.#parts.clock.setTimer(this.#parts.visibilityMs, () => {
      this.#retries.delete(cancel);
      if (this.#out.get(receipt) !== entry) return;
      if (this.#parts.isOrdered) this.putBack(entry, 0);
      else this.#returnToServer([entry]);
    });
    this.#retries.add(cancel);
  }

  /** Ends waits with nothing. */
  endWaits(): void {
    this.#waiters.end();
  }

  /** What is not settled comes again. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.endWaits();
    this.#cancelIdle?.();
    this.#cancelDue?.();
    for (const cancel of this.#retries) cancel();
    await this.#kept.close();
  }

  #end(entry: Entry): boolean {
    if (!this.#out.delete(entry.receipt)) return false;
    this.#held.remove(entry);
    entry.credit.unsettled--;
    if (this.#parts.isOrdered) this.#serveSoon(); // the next of its group
    return true;
  }

  #handOut(max: number): readonly Delivery[] {
    const taken = this.#held.take(max, this.#parts.clock.now());
    return taken.map((entry) => {
      entry.receipt = String(++this.#receipts);
      this.#out.set(entry.receipt, entry);
      return deliveryOf(entry, this.#parts);
    });
  }

  /** Once for all that the socket brings in one turn. */
  #serveSoon(): void {
    if (this.#isServing) return;
    this.#isServing = true;
    queueMicrotask(() => {
      this.#isServing = false;
      this.#waiters.serve((max) => this.#handOut(max));
      this.#watchDue();
    });
  }

  #watchDue(): void {
    this.#cancelDue?.();
    this.#cancelDue = undefined;
    const nowMs = this.#parts.clock.now();
    const dueMs = this.#held.nextDueMs(nowMs);
    if (dueMs === Number.POSITIVE_INFINITY) return;
    this.#cancelDue = this.#parts.clock.setTimer(dueMs - nowMs, () => this.#serveSoon());
  }

  /** As many as are asked for and not on their way. */
  #missing(): number {
    if (this.#parts.isOrdered) return this.#waiters.size > 0 && this.#consumers.size === 0 ? ORDERED_WINDOW : 0;
    return this.#waiters.wanted - this.#held.waitingCount - this.#consumers.open;
  }

  #arrived(channel: ConfirmChannel, credit: Credit, raw: ConsumeMessage): void {
    credit.unsettled++;
    const messageGroup = this.#parts.isOrdered ? textHeader(raw, WIRE_HEADERS.messageGroup) : undefined;
    const arrivedMs = this.#parts.clock.now();
    this.#held.add({ channel, raw, credit, arrivedMs, messageGroup, receipt: '', dueMs: 0 });
    this.#serveSoon();
  }

  #lost(error: unknown): void {
    this.#out.clear();
    this.#held.clear();
    this.#consumers.forget();
    if (!isGone(error)) return;
    const { queue, onGone } = this.#parts;
    this.#waiters.fail(new CellarError('unknown-queue', `there is no queue '${queue}'; declare it in the topology`));
    onGone();
  }

  #watchIdle(): void {
    this.#cancelIdle ??= this.#parts.clock.setTimer(IDLE_MS, () => {
      this.#cancelIdle = undefined;
      const isAsked = this.#waiters.size > 0 || this.#parts.clock.now() - this.#askedAtMs < IDLE_MS;
      if (isAsked || this.#isBusy()) this.#watchIdle();
      else void this.#goIdle();
    });
  }

  /** Nothing of it is hidden from others: all that it may have is out, or waits here in its order. */
  #isBusy(): boolean {
    if (this.#parts.isOrdered) return this.#out.size > 0 || this.#held.nextDueMs(this.#parts.clock.now()) < Infinity;
    return this.#consumers.size > 0 && this.#consumers.open === 0 && this.#held.waitingCount === 0;
  }

  /** Gives back what nobody asked for: of an ordered queue with the channel, which keeps the order. */
  async #goIdle(): Promise<void> {
    const channel = this.#kept.current;
    if (channel === undefined || this.#consumers.size === 0) return;
    if (this.#parts.isOrdered) {
      this.#consumers.forget();
      await channel.close().catch(() => undefined); // lost meanwhile
    } else if ((await this.#consumers.cancel(channel)) && this.#waiters.size === 0) {
      this.#returnToServer(this.#held.waiting);
    }
  }

  #returnToServer(entries: readonly Entry[]): void {
    for (const entry of entries) {
      this.#out.delete(entry.receipt);
      this.#held.remove(entry);
      entry.credit.unsettled--;
      if (entry.channel === this.#kept.current) entry.channel.nack(entry.raw, false, true);
    }
  }
}
