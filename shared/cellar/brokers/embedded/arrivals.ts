import type { SQLInputValue } from 'node:sqlite';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { type EncodedMessage, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRow } from './queue-registry.ts';
import { MessageState } from './schema.ts';

/** Writes messages that arrive in their queues; each method needs a write transaction. */
export interface Arrivals {
  /** Puts a message into a queue, behind its group; it may be written no earlier than {@link Arrivals.flush}. */
  add(queue: QueueRow, message: EncodedMessage, enqueuedAtMs: number): void;
  /** Writes what is still held back; to be called before anything else is done in the transaction. */
  flush(): void;
  /** Drops what is still held back, because what it belongs to is undone. */
  drop(): void;
}

/** Marks a row as never claimed; as large as a claim, so that a claim overwrites the row in its place. */
export const NO_CLAIM = 2 ** 40;
/** Messages in one statement: each statement costs about as much as writing one message. */
const ROWS = 8;
const COLUMNS_BOUND = 9;

export function openArrivals({ database, onRollback }: EmbeddedFile, envelopes: Envelopes): Arrivals {
  const insertInto = `INSERT INTO cellar_messages
    (queue, state, claim, visible_at, deliveries, enqueued_at, ${MESSAGE_COLUMNS}) VALUES`;
  const row = `(?, ${MessageState.ready}, ${NO_CLAIM}, ?, 0, ?, ?, ?, ?, ?, ?, ?)`;
  const insertRow = database.prepare(`${insertInto} ${row}`);
  const insertRows = database.prepare(`${insertInto} ${Array.from({ length: ROWS }, () => row).join(', ')}`);
  const insertBehindGroup = database.prepare(`${insertInto} (?1,
    iif(EXISTS (SELECT 1 FROM cellar_messages WHERE queue = ?1 AND message_group = ?4), ${MessageState.blocked}, ${MessageState.ready}),
    ${NO_CLAIM}, ?2, 0, ?3, ?4, ?5, ?6, ?7, ?8, ?9)`);
  let held: SQLInputValue[] = [];
  const drop = (): void => {
    held = [];
  };
  onRollback(drop);

  function flush(): void {
    const rows = held;
    held = [];
    if (rows.length === ROWS * COLUMNS_BOUND) return void insertRows.run(...rows);
    for (let from = 0; from < rows.length; from += COLUMNS_BOUND)
      insertRow.run(...rows.slice(from, from + COLUMNS_BOUND));
  }

  return {
    add(queue, { wire, envelope, headers, messageGroup }, enqueuedAtMs) {
      const values = [queue.id, enqueuedAtMs, enqueuedAtMs, messageGroup, envelopes.idOf(envelope), wire.correlationId];
      if (messageGroup === null) {
        held.push(...values, wire.replyTo ?? null, headers, wire.body);
        if (held.length === ROWS * COLUMNS_BOUND) flush();
        return;
      }
      // Ids are the order of arrival, so what came before is written before.
      flush();
      insertBehindGroup.run(...values, wire.replyTo ?? null, headers, wire.body);
    },
    flush,
    drop,
  };
}
