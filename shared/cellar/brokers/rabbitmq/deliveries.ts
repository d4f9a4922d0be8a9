import type { ConfirmChannel } from 'amqplib';
import type {
  Delivery,
  OutgoingMessage,
  PublishOutcome,
  ReceiveOptions,
  Settlement,
  SettleOutcome,
} from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';
import { QUEUE_DEFAULTS, type Topology } from '../../topology.ts';
import { acknowledged } from './acknowledged.ts';
import type { RabbitmqConnection } from './connection.ts';
import { deadMessage } from './dead-letters.ts';
import { isGone } from './faults.ts';
import { QueueReceiver } from './queue-receiver.ts';
import { WIRE_HEADERS } from './rabbitmq-names.ts';

export interface DeliveriesParts {
  readonly connection: RabbitmqConnection;
  readonly clock: Clock;
  /** What this program declared of a queue. */
  readonly settingsOf: (queue: string) => Topology['queues'][string] | undefined;
  /** As `Broker.publish`, for messages that were accepted before. */
  readonly publishAgain: (messages: readonly OutgoingMessage[]) => Promise<readonly PublishOutcome[]>;
  /** Makes the dead-letter queue of a queue that this program did not declare. */
  readonly readyForDead: (queue: string) => Promise<void>;
}

const ANSWER_WITHIN_MS = 10_000;

/** What this process has taken of its queues, and how that ends. */
export class Deliveries {
  readonly #parts: DeliveriesParts;
  readonly #receivers = new Map<string, QueueReceiver>();
  readonly #opening = new Map<string, Promise<QueueReceiver>>();

  constructor(parts: DeliveriesParts) {
    this.#parts = parts;
  }

  /** @throws CellarError `unknown-queue`, `broker-unavailable` */
  async receive(queue: string, options: ReceiveOptions): Promise<readonly Delivery[]> {
    const receiver = this.#receivers.get(queue) ?? (await this.#open(queue));
    return await receiver.receive(options);
  }

  isOut({ queue, receipt }: Delivery): boolean {
    return this.#receivers.get(queue)?.out(receipt) !== undefined;
  }

  /** The receiver of a queue, where something was received of it. */
  receiver(queue: string): QueueReceiver | undefined {
    return this.#receivers.get(queue);
  }

  /** Lets a delivery whose settlement failed come again after a while. */
  retryLater({ queue, receipt }: Delivery): void {
    const receiver = this.#receivers.get(queue);
    const entry = receiver?.out(receipt);
    if (entry !== undefined) receiver?.retryLater(entry);
  }

  /** Acknowledges, dead-letters or gives back; outcomes in the order given. */
  async finish(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    const again = new Map<Settlement, OutgoingMessage>();
    for (const settlement of settlements) {
      const message = this.#messageAgain(settlement);
      if (message !== undefined) again.set(settlement, message);
    }
    const failures = again.size === 0 ? NOTHING_FAILED : await this.#publishAgain(again);
    const ended = settlements.map((settlement): Ended => {
      const reason = failures.get(settlement);
      return reason === undefined ? this.#end(settlement) : { outcome: { status: 'failed', reason } };
    });
    const lost = await lostAmong(ended);
    return ended.map(({ outcome, channel }) => (channel !== undefined && lost.has(channel) ? STALE : outcome));
  }

  endWaits(): void {
    for (const receiver of this.#receivers.values()) receiver.endWaits();
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.#opening.values());
    await Promise.all([...this.#receivers.values()].map((receiver) => receiver.close()));
  }

  /**
   * What is published before the delivery is acknowledged. A message that a plain queue takes back is sent to its end: the
   * server's own way counts as a delivery, and cannot wait.
   */
  #messageAgain({ delivery, disposition }: Settlement): OutgoingMessage | undefined {
    if (disposition.kind === 'ack') return undefined;
    const nowMs = this.#parts.clock.now();
    if (disposition.kind === 'dead') return deadMessage(delivery, disposition.reason, nowMs);
    if (this.#receivers.get(delivery.queue)?.isOrdered === true) return undefined;
    const { message, queue, priority, deliveryCount } = delivery;
    const before = deliveryCount > 1 ? { [WIRE_HEADERS.deliveries]: deliveryCount - 1 } : undefined;
    return {
      ...message,
      headers: before === undefined ? message.headers : { ...message.headers, ...before },
      exchange: '',
      routingKey: queue,
      ...(priority === undefined ? undefined : { priority }),
      ...(disposition.delaySeconds > 0 ? { dueAtMs: nowMs + disposition.delaySeconds * 1000 } : undefined),
    };
  }

  /** Why each that was refused was. */
  async #publishAgain(again: ReadonlyMap<Settlement, OutgoingMessage>): Promise<ReadonlyMap<Settlement, string>> {
    const failures = new Map<Settlement, string>();
    const foreign = new Set<string>();
    for (const { delivery, disposition } of again.keys())
      if (disposition.kind === 'dead' && this.#parts.settingsOf(delivery.queue) === undefined)
        foreign.add(delivery.queue);
    try {
      await Promise.all([...foreign].map(this.#parts.readyForDead));
      const outcomes = await this.#parts.publishAgain([...again.values()]);
      for (const [index, settlement] of [...again.keys()].entries()) {
        const outcome = outcomes[index];
        if (outcome?.status === 'refused') failures.set(settlement, `it was not put back: ${outcome.reason}`);
      }
    } catch (error) {
      for (const settlement of again.keys()) failures.set(settlement, describeError(error));
    }
    return failures;
  }

  #end({ delivery, disposition }: Settlement): Ended {
    const receiver = this.#receivers.get(delivery.queue);
    const entry = receiver?.out(delivery.receipt);
    if (receiver === undefined || entry === undefined) return { outcome: STALE };
    if (disposition.kind === 'release' && receiver.isOrdered) {
      receiver.putBack(entry, this.#parts.clock.now() + disposition.delaySeconds * 1000);
      return { outcome: SETTLED };
    }
    return receiver.ack(entry) ? { outcome: SETTLED, channel: entry.channel } : { outcome: STALE };
  }

  async #open(queue: string): Promise<QueueReceiver> {
    const opening = this.#opening.get(queue) ?? this.#openOne(queue);
    this.#opening.set(queue, opening);
    try {
      return await opening;
    } finally {
      this.#opening.delete(queue);
    }
  }

  async #openOne(queue: string): Promise<QueueReceiver> {
    const { connection, clock, settingsOf } = this.#parts;
    const settings = settingsOf(queue);
    if (settings === undefined) await this.#check(queue);
    const { ordered, maxPriority, visibilityTimeoutSeconds } = settings ?? QUEUE_DEFAULTS;
    const receiver = new QueueReceiver({
      connection,
      clock,
      queue,
      isOrdered: ordered,
      hasPriorities: maxPriority > 0,
      visibilityMs: visibilityTimeoutSeconds * 1000,
      onGone: () => {
        this.#receivers.delete(queue);
        void receiver.close();
      },
    });
    this.#receivers.set(queue, receiver);
    return receiver;
  }

  async #check(queue: string): Promise<void> {
    const { connection } = this.#parts;
    try {
      await connection.use((channel) => channel.checkQueue(queue), ANSWER_WITHIN_MS);
    } catch (error) {
      if (isGone(error))
        throw new CellarError('unknown-queue', `there is no queue '${queue}'; declare it in the topology`);
      throw error instanceof CellarError ? error : connection.unavailable(error);
    }
  }
}

interface Ended {
  readonly outcome: SettleOutcome;
  /** On which it was acknowledged. */
  readonly channel?: ConfirmChannel;
}

/** Those channels on which the acknowledgements may not have got through: their messages come again. */
async function lostAmong(ended: readonly Ended[]): Promise<ReadonlySet<ConfirmChannel>> {
  const channels = [...new Set(ended.flatMap(({ channel }) => (channel === undefined ? [] : [channel])))];
  const isThrough = await Promise.all(channels.map(acknowledged));
  return new Set(channels.filter((_, index) => !isThrough[index]));
}

const SETTLED: SettleOutcome = { status: 'settled' };
const STALE: SettleOutcome = { status: 'stale' };
const NOTHING_FAILED: ReadonlyMap<Settlement, string> = new Map();
