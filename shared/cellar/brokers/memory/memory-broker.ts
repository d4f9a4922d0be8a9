import type {
  Broker,
  BrokerCapabilities,
  Delivery,
  OutgoingMessage,
  PublishOutcome,
  Settlement,
  SettleOutcome,
  WireMessage,
} from '../../broker.ts';
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { ResultUpdate } from '../../result-store.ts';
import type { Topology } from '../../topology.ts';
import { emptyTopology, mergeTopology } from '../merge-topology.ts';
import { planPublish, type Refusal, refuseLarge } from '../plan-publish.ts';
import { Deduplication } from './deduplication.ts';
import { MemoryQueue } from './memory-queue.ts';
import { MemoryReceivers } from './memory-receivers.ts';

export interface MemoryBrokerParts {
  readonly clock: Clock;
  readonly capabilities: BrokerCapabilities;
  readonly storeResult: (update: ResultUpdate) => void;
  readonly onClose: () => void;
}

type Planned = { readonly message: OutgoingMessage; readonly queues: readonly MemoryQueue[] } | Refusal;

/** The broker port over queues in memory; each call is done when it returns. */
export class MemoryBroker implements Broker {
  readonly capabilities: BrokerCapabilities;
  readonly queues = new Map<string, MemoryQueue>();
  readonly receivers: MemoryReceivers;
  readonly #parts: MemoryBrokerParts;
  readonly #deduplication: Deduplication;
  #topology: Topology = emptyTopology;
  #isClosed = false;

  constructor(parts: MemoryBrokerParts) {
    this.#parts = parts;
    this.capabilities = parts.capabilities;
    this.receivers = new MemoryReceivers(parts.clock);
    this.#deduplication = new Deduplication(parts.capabilities.deduplicationSeconds);
  }

  async declare(topology: Topology): Promise<void> {
    this.refuseWhenClosed();
    this.#topology = mergeTopology(this.#topology, topology);
    for (const [name, { visibilityTimeoutSeconds }] of Object.entries(topology.queues)) {
      const queue = this.queues.get(name) ?? new MemoryQueue(name);
      queue.visibilityMs = visibilityTimeoutSeconds * 1000;
      this.queues.set(name, queue);
    }
  }

  async publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]> {
    this.refuseWhenClosed();
    return this.#add(this.#plan(messages));
  }

  async receive(queue: string, options: Parameters<Broker['receive']>[1]): Promise<readonly Delivery[]> {
    this.refuseWhenClosed();
    return await this.receivers.receive(this.queue(queue), options);
  }

  async settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]> {
    this.refuseWhenClosed();
    return settlements.map((settlement) => this.#settleOne(settlement));
  }

  async extend(deliveries: readonly Delivery[], seconds: number): Promise<readonly boolean[]> {
    this.refuseWhenClosed();
    const untilMs = this.#parts.clock.now() + seconds * 1000;
    return deliveries.map(({ queue: name, receipt }) => {
      const queue = this.queue(name);
      const entry = queue.held(receipt);
      if (entry !== undefined) queue.extend(entry, untilMs);
      return entry !== undefined;
    });
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.receivers.close();
    this.#parts.onClose();
  }

  /** @throws CellarError `unknown-queue` */
  queue(name: string): MemoryQueue {
    const queue = this.queues.get(name);
    if (queue !== undefined) return queue;
    throw new CellarError('unknown-queue', `there is no queue '${name}'; declare it in the topology`);
  }

  /** @throws CellarError `closed` */
  refuseWhenClosed(): void {
    if (this.#isClosed) throw new CellarError('closed', 'the broker is closed');
  }

  #plan(messages: readonly OutgoingMessage[]): readonly Planned[] {
    const hasQueue = (name: string): boolean => this.queues.has(name);
    const { capabilities } = this;
    const rules = { capabilities, nowMs: this.#parts.clock.now(), topology: this.#topology, hasQueue };
    return messages.map((message) => {
      const names = planPublish(rules, message);
      if ('status' in names) return names;
      const large = refuseLarge(bytesOf(message), capabilities.maxMessageBytes);
      return large ?? { message, queues: names.map((name) => this.queue(name)) };
    });
  }

  #add(planned: readonly Planned[]): readonly PublishOutcome[] {
    const touched = new Set<MemoryQueue>();
    const nowMs = this.#parts.clock.now();
    const outcomes = planned.map((one): PublishOutcome => {
      if ('status' in one) return one;
      const { message, queues } = one;
      const id = message.deduplicationId;
      const targets =
        id === undefined ? queues : queues.filter(({ name }) => this.#deduplication.isNew(name, id, nowMs));
      const { messageGroup, dueAtMs } = message;
      const incoming = { message: wireOf(message), messageGroup, dueAtMs };
      for (const queue of targets) {
        queue.add(incoming, nowMs);
        touched.add(queue);
      }
      if (targets.length === 0 && queues.length > 0) return { status: 'duplicate', queues: namesOf(queues) };
      return { status: 'accepted', queues: namesOf(targets) };
    });
    for (const queue of touched) this.receivers.changed(queue);
    return outcomes;
  }

  #settleOne({ delivery, publish, result, disposition }: Settlement): SettleOutcome {
    const queue = this.queue(delivery.queue);
    const entry = queue.held(delivery.receipt);
    const planned = publish.length === 0 ? [] : this.#plan(publish);
    const refused = planned.find((one) => 'status' in one);
    if (refused !== undefined && 'status' in refused)
      return { status: 'failed', reason: `a message to publish was refused: ${refused.reason}` };
    if (entry === undefined) return { status: 'stale' };
    const nowMs = this.#parts.clock.now();
    if (disposition.kind === 'ack') queue.remove(entry);
    else if (disposition.kind === 'dead') queue.bury(entry, disposition.reason, nowMs);
    else queue.release(entry, nowMs + disposition.delaySeconds * 1000, nowMs);
    if (planned.length > 0) this.#add(planned);
    if (result !== undefined) this.#parts.storeResult(result);
    this.receivers.changed(queue);
    return { status: 'settled' };
  }
}

function namesOf(queues: readonly MemoryQueue[]): readonly string[] {
  return queues.map(({ name }) => name);
}

/** The message without what only says where it goes. */
function wireOf({ headers, contentType, contentEncoding, body, correlationId, replyTo }: OutgoingMessage): WireMessage {
  const wire = { headers, contentType, contentEncoding, body, correlationId };
  return replyTo === undefined ? wire : { ...wire, replyTo };
}

function bytesOf({ body, headers }: OutgoingMessage): number {
  return Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers));
}
