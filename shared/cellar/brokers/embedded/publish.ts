import type { SQLInputValue } from 'node:sqlite';
import type { BrokerCapabilities, OutgoingMessage, PublishOutcome } from '../../broker.ts';
import { planPublish, type Refusal, refuseLarge } from '../plan-publish.ts';
import type { Arrivals } from './arrivals.ts';
import type { Deduplication } from './deduplication.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { type EncodedMessage, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';

/** A message that was checked, routed and encoded, before the lock is taken. */
export interface PlannedMessage extends EncodedMessage {
  readonly queues: readonly QueueRow[];
  readonly names: readonly string[];
  readonly dueAtMs: number | undefined;
  readonly deduplicationId: string | undefined;
}

export interface Publisher {
  /** Checks, routes and encodes: everything that needs no lock. */
  plan(messages: readonly OutgoingMessage[]): readonly (PlannedMessage | Refusal)[];
  /** Stores what was planned; to be called in a write transaction. */
  insert(planned: readonly (PlannedMessage | Refusal)[]): readonly PublishOutcome[];
}

export interface PublisherParts {
  readonly file: EmbeddedFile;
  readonly queues: QueueRegistry;
  readonly envelopes: Envelopes;
  readonly arrivals: Arrivals;
  readonly deduplication: Deduplication;
  readonly capabilities: BrokerCapabilities;
  /** Told of each queue that may have something to deliver now. */
  readonly arrived: (queue: QueueRow) => void;
  /** Told of each due time. */
  readonly dueAt: (atMs: number) => void;
}

export function openPublisher(parts: PublisherParts): Publisher {
  const { file, queues, envelopes, arrivals, deduplication, capabilities } = parts;
  const insertDelayed = file.database.prepare(
    `INSERT INTO cellar_delayed (queue, due_at, enqueued_at, ${MESSAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const { clock } = file.runtime;

  function encode(message: OutgoingMessage, names: readonly string[]): PlannedMessage | Refusal {
    const encoded = envelopes.encode(message);
    const large = refuseOversize(message, encoded.headers.length + encoded.envelope.template.text.length);
    if (large !== undefined) return large;
    return {
      wire: message,
      ...encoded,
      messageGroup: message.messageGroup ?? null,
      queues: names.map((name) => queues.get(name)),
      names,
      dueAtMs: message.dueAtMs,
      deduplicationId: message.deduplicationId,
    };
  }

  /** Counts exactly only what may be too large: no character of text takes more than three bytes. */
  function refuseOversize({ body, headers }: OutgoingMessage, headerLength: number): Refusal | undefined {
    const { maxMessageBytes } = capabilities;
    if ((body.length + headerLength) * 3 <= maxMessageBytes) return undefined;
    return refuseLarge(Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers)), maxMessageBytes);
  }

  function insertOne(message: PlannedMessage, nowMs: number): PublishOutcome {
    const { deduplicationId: id, dueAtMs, names } = message;
    const targets =
      id === undefined ? message.queues : message.queues.filter((queue) => deduplication.isNew(queue.id, id, nowMs));
    for (const queue of targets) {
      if (dueAtMs !== undefined && dueAtMs > nowMs) {
        delay(queue, message, { dueAtMs, nowMs });
        continue;
      }
      arrivals.add(queue, message, nowMs);
      parts.arrived(queue);
    }
    if (targets.length === 0 && message.queues.length > 0) return { status: 'duplicate', queues: names };
    return { status: 'accepted', queues: id === undefined ? names : targets.map(({ name }) => name) };
  }

  function delay(
    queue: QueueRow,
    message: EncodedMessage,
    { dueAtMs, nowMs }: { dueAtMs: number; nowMs: number },
  ): void {
    const { wire, headers, messageGroup } = message;
    const values: SQLInputValue[] = [queue.id, dueAtMs, nowMs, messageGroup];
    insertDelayed.run(
      ...values,
      envelopes.idOf(message.envelope),
      wire.correlationId,
      wire.replyTo ?? null,
      headers,
      wire.body,
    );
    parts.dueAt(dueAtMs);
  }

  return {
    plan(messages) {
      const hasQueue = (name: string): boolean => queues.find(name) !== undefined;
      const rules = { capabilities, nowMs: clock.now(), topology: queues.topology(), hasQueue };
      return messages.map((message) => {
        const names = planPublish(rules, message);
        return 'status' in names ? names : encode(message, names);
      });
    },
    insert(planned) {
      const nowMs = clock.now();
      // What a savepoint undid must not be written by the next publish.
      arrivals.drop();
      const outcomes = planned.map((message) => ('status' in message ? message : insertOne(message, nowMs)));
      arrivals.flush();
      return outcomes;
    },
  };
}
