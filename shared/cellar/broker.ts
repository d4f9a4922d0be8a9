/**
 * The broker port: what the core asks of anything that carries messages.
 *
 * A broker moves bytes. Ids, validation, encoding, retry decisions and expiry live once, in the core.
 * Where brokers differ, the difference is a declared {@link BrokerCapabilities} entry on which the
 * conformance suite branches; nothing else may ask which broker it is.
 */
import type { ResultUpdate } from './result-store.ts';
import type { Topology } from './topology.ts';

/** The headers of a message: JSON values only; Celery's task headers plus `x-cellar-*`. */
export type Headers = Readonly<Record<string, unknown>>;

/** What travels: encoded by the core, opaque to the broker but for the headers that a headers exchange tests. */
export interface WireMessage {
  readonly headers: Headers;
  readonly contentType: string;
  readonly contentEncoding: string;
  /** The encoded body; text unless it is compressed. */
  readonly body: string | Uint8Array;
  /** The task id (AMQP's correlation_id). */
  readonly correlationId: string;
  /** Where an `rpc://` client waits for results. */
  readonly replyTo?: string;
}

export interface OutgoingMessage extends WireMessage {
  /** `''` is the default exchange: `routingKey` is then the name of the queue. */
  readonly exchange: string;
  readonly routingKey: string;
  /** The ordering key: messages of one group in one queue are delivered one at a time, in publish order. */
  readonly messageGroup?: string;
  /** A second message with the same id in the same queue within the deduplication window is accepted and dropped. */
  readonly deduplicationId?: string;
  /** Not visible before this time (ms since the epoch). Only with the default exchange: routing precedes delay. */
  readonly dueAtMs?: number;
  /** 0 to 9, 9 first. Refused by a broker without the `priority` capability when not 0. */
  readonly priority?: number;
  /** Refuse the message (`unroutable`) when no queue matches, instead of dropping it. */
  readonly mandatory?: boolean;
}

/** What became of one message: in the same position as the message was. */
export type PublishOutcome =
  | {
      readonly status: 'accepted' /** The queues that got a copy, where the broker can tell. */;
      readonly queues: readonly string[];
    }
  | { readonly status: 'duplicate'; readonly queues: readonly string[] }
  | {
      readonly status: 'refused';
      readonly code:
        | 'unroutable'
        | 'unknown-exchange'
        | 'unknown-queue'
        | 'message-too-large'
        | 'not-supported'
        | 'broker-unavailable';
      readonly reason: string;
    };

export interface Delivery {
  readonly queue: string;
  /** Identifies this receipt of the message; valid until settled, released or its visibility runs out. */
  readonly receipt: string;
  /** Identifies the message through all its deliveries, where the broker can tell. */
  readonly messageId?: string;
  readonly message: WireMessage;
  readonly messageGroup?: string;
  /** With which priority it was sent, where not 0: a retry keeps it. */
  readonly priority?: number;
  /** The exchange that it came through and its routing key; absent where it was sent to its queue. */
  readonly exchange?: string;
  readonly routingKey?: string;
  /** Where the body is (`Backend.payloads`) when it was too large to travel; `message.body` is then empty. */
  readonly bodyKey?: string;
  /** How often this message was delivered and not given back by a settlement, this time included (1 = first). */
  readonly deliveryCount: number;
  /**
   * All its earlier deliveries were given back: it came again sooner than the end of a process would let it. Absent or
   * false where that is not known.
   */
  readonly wasGivenBack?: boolean;
  /** When the queue accepted it (ms since the epoch). */
  readonly enqueuedAtMs: number;
  /** Until when this receipt holds unless extended (ms since the epoch); absent where receipts do not run out. */
  readonly visibleAtMs?: number;
}

export type Disposition =
  | { readonly kind: 'ack' }
  /** Moves the message to its queue's dead-letter queue, with the reason. */
  | { readonly kind: 'dead'; readonly reason: string }
  /** Gives it back, in its place in its group, not counted as an attempt; visible again after `delaySeconds`. */
  | { readonly kind: 'release'; readonly delaySeconds: number };

export interface Settlement {
  readonly delivery: Delivery;
  /** Published before the disposition takes effect; together with it where the broker is transactional. */
  readonly publish: readonly OutgoingMessage[];
  readonly result?: ResultUpdate;
  readonly disposition: Disposition;
  /** Chords whose bodies are among `publish`: the worker forgets them once this is settled. Nothing to the broker. */
  readonly completes?: readonly string[];
}

export type SettleOutcome =
  | { readonly status: 'settled' }
  /** The receipt had run out: another delivery owns the message now, and on a transactional broker nothing of this settlement happened. */
  | { readonly status: 'stale' }
  /** Nothing was acknowledged: the message comes again. */
  | { readonly status: 'failed'; readonly reason: string };

/** Where a broker can do something: in each queue, in those whose declaration asks for it, or nowhere. */
export type QueueReach = 'every-queue' | 'declared-queues' | 'none';

/** What a broker can do. Each entry is proved both ways by the conformance suite. */
export interface BrokerCapabilities {
  /** Where priorities 0 to 9 are honoured; `declared-queues`: those with `maxPriority`. */
  readonly priority: QueueReach;
  /** How long a deduplication id is remembered, in seconds; 0 = not at all. */
  readonly deduplicationSeconds: number;
  /** Within what a second message with the same id is dropped: the whole queue, or its message group only. */
  readonly deduplicationScope: 'queue' | 'group';
  /** Where there are message groups, whose messages run one at a time and in order; `declared-queues`: those that are `ordered`. */
  readonly messageGroups: QueueReach;
  /** One answer of `receive` may hold several messages of one group, in order; the rest of the group waits for them. */
  readonly severalOfGroup: boolean;
  /** Messages without a group come in the order in which they were published. */
  readonly orderedWithoutGroup: boolean;
  /** A receipt can be prolonged (`extend`). */
  readonly extend: boolean;
  /** A released message keeps its place in its group. */
  readonly orderKeptAfterRelease: boolean;
  /** `exact`: counts only deliveries without outcome; `every-receive`: counts all; `none`. */
  readonly deliveryCount: 'exact' | 'every-receive' | 'none';
  /** Longest time from a delivery to its settlement, in seconds, after which it is taken back whatever runs; absent = without end. */
  readonly maxHoldSeconds?: number;
  /** Longest delay in seconds; 0 = none. */
  readonly maxDelaySeconds: number;
  /** A delayed message whose delay is no longer than this can only be revoked, not deleted; 0 = each can be deleted. */
  readonly uncancellableDelaySeconds: number;
  /** Which places `BrokerAdmin.peek` can look into without changing what it sees. */
  readonly peekable: readonly ('ready' | 'inFlight' | 'delayed' | 'dead')[];
  /** `BrokerAdmin.counts` is exact, or lags by some seconds and cannot count what is delayed. */
  readonly exactCounts: boolean;
  /** `BrokerAdmin.purge` reaches delayed messages too, and those that wait behind a delivery of their group. */
  readonly purgesAll: boolean;
  /** Largest body plus headers, in bytes. */
  readonly maxMessageBytes: number;
  /** `settle` stores results and publishes in one transaction with the acknowledgement. */
  readonly transactional: boolean;
  /** Messages outlive the process. */
  readonly durable: boolean;
  /** Several processes may use it at once. */
  readonly shared: boolean;
}

export interface ReceiveOptions {
  /** At most this many deliveries; 1 or more. */
  readonly maxMessages: number;
  /** Waits up to this long for the first message; 0 = answer at once. */
  readonly waitMs: number;
  /** Ends the wait early: the call then resolves with what it has, perhaps nothing. */
  readonly signal?: AbortSignal;
}

export interface Broker {
  readonly capabilities: BrokerCapabilities;

  /**
   * Makes every exchange, queue and binding of the topology exist; asking again for the same is no fault.
   * Must be called before the first publish or receive. Queues that exist and are not named stay.
   * @throws CellarError `declare-conflict` when something exists with other properties
   */
  declare(topology: Topology): Promise<void>;

  /**
   * Takes messages over: an `accepted` outcome means that a crash of this process no longer loses the message.
   * Callable concurrently; batches by itself, so callers need not. Outcomes are in the order of the messages.
   * Transport faults are retried inside (bounded, at most 10 s); what still failed is `refused` with
   * `broker-unavailable`. Messages of one call and one group keep their order.
   */
  publish(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]>;

  /**
   * Takes up to `maxMessages` of one queue. At most one message of a message group is out at a time
   * unless the broker hands several of a group in one answer, in order. Callable concurrently.
   * @throws CellarError `unknown-queue`, `broker-unavailable`, `closed`
   */
  receive(queue: string, options: ReceiveOptions): Promise<readonly Delivery[]>;

  /**
   * Ends deliveries: publishes, stores the result, then acknowledges, dead-letters or releases; in one
   * transaction with the `transactional` capability, in that order without. Callable concurrently. A second
   * settlement of the same receipt is `stale`. Outcomes are in the order of the settlements; one that failed
   * does not keep the others from taking effect.
   */
  settle(settlements: readonly Settlement[]): Promise<readonly SettleOutcome[]>;

  /**
   * Prolongs receipts to `seconds` from now. One entry per delivery: true = prolonged, false = had run out.
   * A broker without the `extend` capability answers true for all, because its receipts do not run out.
   */
  extend(deliveries: readonly Delivery[], seconds: number): Promise<readonly boolean[]>;

  /**
   * Stops taking calls, ends waits of `receive` with nothing, finishes writes in flight and frees everything.
   * Deliveries not settled come again. A second call does nothing.
   */
  close(): Promise<void>;
}

export interface QueueCounts {
  readonly queue: string;
  /** Would be delivered now, or waits only behind its message group. */
  readonly ready: number;
  /** Delivered and not settled; absent where the broker cannot tell. */
  readonly inFlight?: number;
  /** Not due yet; absent where the broker cannot tell. */
  readonly delayed?: number;
  /** In its dead-letter queue. */
  readonly dead: number;
  /** When the oldest ready message was accepted (ms since the epoch), if there is one. */
  readonly oldestReadyAtMs?: number;
}

/** A message as seen by a person who looks into a queue; looking changes nothing. */
export interface PeekedMessage {
  readonly queue: string;
  readonly place: 'ready' | 'inFlight' | 'delayed' | 'dead';
  readonly message: WireMessage;
  readonly messageGroup?: string;
  readonly deliveryCount: number;
  readonly enqueuedAtMs: number;
  readonly dueAtMs?: number;
  /** Why it is dead. */
  readonly reason?: string;
  readonly diedAtMs?: number;
}

/** What people and tools do to queues; never used by a worker. Every method may be called at any time, concurrently. */
export interface BrokerAdmin {
  /** Exact where the broker can count exactly. One entry per queue asked for, in that order; all queues when none is named. */
  counts(queues?: readonly string[]): Promise<readonly QueueCounts[]>;
  /**
   * Up to `limit` messages of one place, oldest first; they stay where they are.
   * @throws CellarError `not-supported` for a place that is not among the capability `peekable`
   */
  peek(
    queue: string,
    options: { readonly place: PeekedMessage['place']; readonly limit: number },
  ): Promise<readonly PeekedMessage[]>;
  /**
   * Deletes every ready and delayed message of the queue (not those in flight, not the dead), as far as the capability
   * `purgesAll` reaches; answers how many.
   */
  purge(queue: string): Promise<number>;
  /**
   * Sends up to `limit` dead messages back to their queue, oldest first, as new attempts: the `x-cellar-generation`
   * header rises by one and the delivery count starts anew. Answers how many.
   */
  redrive(queue: string, options?: { readonly limit?: number }): Promise<number>;
  /** Deletes a delayed message by its task id; answers it, or `undefined` when there was none. */
  cancelDelayed(taskId: string): Promise<PeekedMessage | undefined>;
}
