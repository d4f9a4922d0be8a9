import type {
  Broker,
  BrokerCapabilities,
  Delivery,
  OutgoingMessage,
  PublishOutcome,
  ReceiveOptions,
  Settlement,
  SettleOutcome,
} from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { ResultUpdate } from '../../result-store.ts';
import type { Topology } from '../../topology.ts';
import { emptyTopology, mergeTopology } from '../merge-topology.ts';
import type { Refusal } from '../plan-publish.ts';
import { settleInOrder } from '../settle-in-order.ts';
import type { RabbitmqConnection } from './connection.ts';
import { declareTopology } from './declare.ts';
import { Deliveries } from './deliveries.ts';
import { Places } from './places.ts';
import { planRaw, type RawPlan, uncheckedPlan } from './plan-raw.ts';
import { Publisher } from './publisher.ts';

export interface RabbitmqBrokerParts {
  readonly publishing: RabbitmqConnection;
  readonly consuming: RabbitmqConnection;
  readonly clock: Clock;
  readonly capabilities: BrokerCapabilities;
  readonly storeResult: (update: ResultUpdate) => Promise<void>;
  /** Called before the connections are closed. */
  readonly onClose: () => Promise<void>;
}

/** The broker port over RabbitMQ. */
export class RabbitmqBroker implements Broker {
  readonly capabilities: BrokerCapabilities;
  readonly publisher: Publisher;
  readonly deliveries: Deliveries;
  readonly #parts: RabbitmqBrokerParts;
  readonly #places: Places;
  readonly #underWay = new Set<Promise<unknown>>();
  #topology: Topology = emptyTopology;
  #closed: Promise<void> | undefined;

  constructor(parts: RabbitmqBrokerParts) {
    const { publishing, consuming, clock, capabilities } = parts;
    this.#parts = parts;
    this.capabilities = capabilities;
    this.#places = new Places(consuming);
    this.publisher = new Publisher({
      connection: publishing,
      clock,
      onUnknownExchange: (exchange) => this.#places.forget(exchange),
    });
    this.deliveries = new Deliveries({
      connection: consuming,
      clock,
      settingsOf: (queue) => this.#topology.queues[queue],
      publishAgain: (messages) => this.#send(messages, (message) => uncheckedPlan(message, clock.now())),
      readyForDead: (queue) => this.#places.readyForDead(queue),
    });
  }

  get queues(): readonly string[] {
    return Object.keys(this.#topology.queues);
  }

  async declare(topology: Topology): Promise<void> {
    this.refuseWhenClosed();
    const merged = mergeTopology(this.#topology, topology);
    await declareTopology(this.#parts.consuming, topology);
    this.#topology = merged;
    for (const exchange of Object.keys(topology.exchanges)) this.#places.know(exchange);
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]> {
    this.refuseWhenClosed();
    return await this.#until(this.#publish(messages));
  }

  async receive(queue: string, options: ReceiveOptions): Promise<readonly Delivery[]> {
    this.refuseWhenClosed();
    return await this.deliveries.receive(queue, options);
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    this.refuseWhenClosed();
    return await this.#until(this.#settle(settlements));
  }

  async extend(deliveries: readonly Delivery[]): Promise<readonly boolean[]> {
    this.refuseWhenClosed();
    return deliveries.map(() => true);
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** @throws CellarError `closed` */
  refuseWhenClosed(): void {
    if (this.#closed !== undefined) throw new CellarError('closed', 'the broker is closed');
  }

  async #close(): Promise<void> {
    const { onClose, consuming, publishing } = this.#parts;
    this.deliveries.endWaits();
    await Promise.allSettled(this.#underWay);
    await this.publisher.close();
    await this.deliveries.close();
    await onClose();
    await Promise.all([consuming.close(), publishing.close()]);
  }

  /** Closing waits for it. */
  async #until<T>(work: Promise<T>): Promise<T> {
    this.#underWay.add(work);
    try {
      return await work;
    } finally {
      this.#underWay.delete(work);
    }
  }

  #publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]> {
    const rules = { topology: this.#topology, capabilities: this.capabilities, nowMs: this.#parts.clock.now() };
    return this.#send(messages, (message) => planRaw(rules, message));
  }

  async #send(
    messages: readonly OutgoingMessage[],
    plan: (message: OutgoingMessage) => RawPlan | Refusal,
  ): Promise<readonly PublishOutcome[]> {
    const ready = await this.#places.ready(messages.map(plan));
    const refusals = await this.publisher.send(ready.flatMap((one) => ('raw' in one ? [one.raw] : [])));
    let next = 0;
    return ready.map((one, index) => {
      const refused = 'raw' in one ? refusals[next++] : one;
      return refused ?? accepted(messages[index]);
    });
  }

  /** What has run out meanwhile publishes nothing: it runs again. */
  async #settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    const held = settlements.filter(({ delivery }) => this.deliveries.isOut(delivery));
    const outcomes = await settleInOrder(held, {
      publish: (messages) => this.#publish(messages),
      store: this.#parts.storeResult,
      finish: (some) => this.deliveries.finish(some),
    });
    let next = 0;
    return settlements.map((settlement) => {
      if (settlement !== held[next]) return { status: 'stale' };
      const outcome = outcomes[next++] ?? { status: 'failed', reason: 'no outcome' };
      if (outcome.status === 'failed') this.deliveries.retryLater(settlement.delivery);
      return outcome;
    });
  }
}

/** The server does not say which queues got a copy, but that one did. */
function accepted(message: OutgoingMessage | undefined): PublishOutcome {
  const isDirect = message?.exchange === '';
  return { status: 'accepted', queues: isDirect ? [message.routingKey] : [] };
}
