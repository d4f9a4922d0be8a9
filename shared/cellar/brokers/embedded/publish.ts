import type { SQLInputValue, StatementSync } from 'node:sqlite';
import type { BrokerCapabilities, OutgoingMessage, PublishOutcome } from '../../broker.ts';
import { planPublish, type Refusal, refuseLarge } from '../plan-publish.ts';
import type { Deduplication } from './deduplication.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { type EncodedMessage, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';
import { MessageState } from './schema.ts';

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
  /** Puts one message into a queue, behind its group; to be called in a write transaction. */
  arrive(queue: QueueRow, message: EncodedMessage, enqueuedAtMs: number): void;
}

export interface PublisherParts {
  readonly file: EmbeddedFile;
  readonly queues: QueueRegistry;
  readonly envelopes: Envelopes;
  readonly deduplication: Deduplication;
  readonly capabilities: BrokerCapabilities;
  /** Told of each queue that may have something to deliver now. */
  readonly arrived: (queue: QueueRow) => void;
  /** Told of each due time. */
  readonly dueAt: (atMs: number) => void;
}

/** Marks a row as never claimed; as large as a claim, so that a claim overwrites the row in its place. */
export const NO_CLAIM = 2 ** 40;

export function openPublisher(parts: PublisherParts): Publisher {
  const { file, queues, envelopes, deduplication, capabilities } = parts;
  const statements = prepareInserts(file);
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

  function arrive(queue: QueueRow, message: EncodedMessage, enqueuedAtMs: number): void {
    const insert = message.messageGroup === null ? statements.single : statements.grouped;
    const { wire, headers, messageGroup } = message;
    const values: SQLInputValue[] = [queue.id, NO_CLAIM, enqueuedAtMs, enqueuedAtMs, messageGroup];
    insert.run(
      ...values,
      envelopes.idOf(message.envelope),
      wire.correlationId,
      wire.replyTo ?? null,
      headers,
      wire.body,
    );
    parts.arrived(queue);
  }

  function insertOne(message: PlannedMessage, nowMs: number): PublishOutcome {
    const { deduplicationId: id, dueAtMs, names } = message;
    const targets =
      id === undefined ? message.queues : message.queues.filter((queue) => deduplication.isNew(queue.id, id, nowMs));
    for (const queue of targets) {
      if (dueAtMs === undefined || dueAtMs <= nowMs) arrive(queue, message, nowMs);
      else delay(queue, message, { dueAtMs, nowMs });
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
    statements.delayed.run(
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
      return planned.map((message) => ('status' in message ? message : insertOne(message, nowMs)));
    },
    arrive,
  };
}

interface Inserts {
  readonly single: StatementSync;
  readonly grouped: StatementSync;
  readonly delayed: StatementSync;
}

function prepareInserts({ database }: EmbeddedFile): Inserts {
  const intoMessages = (state: string): string => `
    INSERT INTO cellar_messages (queue, state, claim, visible_at, deliveries, enqueued_at, ${MESSAGE_COLUMNS})
    VALUES (?1, ${state}, ?2, ?3, 0, ?4, ?5, ?6, ?7, ?8, ?9, ?10)`;
  const behindGroup = `
    iif(EXISTS (SELECT 1 FROM cellar_messages WHERE queue = ?1 AND message_group = ?5), ${MessageState.blocked}, ${MessageState.ready})`;
  return {
    single: database.prepare(intoMessages(String(MessageState.ready))),
    grouped: database.prepare(intoMessages(behindGroup)),
    delayed: database.prepare(
      `INSERT INTO cellar_delayed (queue, due_at, enqueued_at, ${MESSAGE_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ),
  };
}
