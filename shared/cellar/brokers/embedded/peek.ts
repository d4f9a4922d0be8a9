import type { SQLOutputValue } from 'node:sqlite';
import type { PeekedMessage } from '../../broker.ts';
import { rowsOf } from './claim.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { decodeMessage, groupOf, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';

/** Looks at messages, and takes delayed ones out. */
export interface Peek {
  /** Looks into a queue without changing anything. */
  peek(queue: QueueRow, place: PeekedMessage['place'], limit: number): readonly PeekedMessage[];
  /** Deletes a message that waits for its time; needs a write transaction. */
  takeDelayed(taskId: string, nowMs: number): PeekedMessage | undefined;
}

/** Each place as rows of the same columns: what differs is absent (NULL) elsewhere. */
const QUERIES: Readonly<Record<PeekedMessage['place'], string>> = {
  ready: `SELECT deliveries, enqueued_at, NULL, NULL, NULL, ${MESSAGE_COLUMNS} FROM cellar_messages
    WHERE queue = ?1 AND state IN (2, 3) ORDER BY id LIMIT ?2`,
  inFlight: `SELECT deliveries, enqueued_at, NULL, NULL, NULL, ${MESSAGE_COLUMNS} FROM cellar_messages
    WHERE queue = ?1 AND state >= 4 AND state = 4 ORDER BY id LIMIT ?2`,
  delayed: `SELECT * FROM (
      SELECT 0, enqueued_at, due_at AS due, NULL, NULL, ${MESSAGE_COLUMNS} FROM cellar_delayed WHERE queue = ?1
      UNION ALL
      SELECT deliveries, enqueued_at, visible_at, NULL, NULL, ${MESSAGE_COLUMNS} FROM cellar_messages
        WHERE queue = ?1 AND state >= 4 AND state = 5) ORDER BY due LIMIT ?2`,
  dead: `SELECT deliveries, enqueued_at, NULL, reason, died_at, ${MESSAGE_COLUMNS} FROM cellar_dead
    WHERE queue = ?1 ORDER BY id LIMIT ?2`,
};
const MESSAGE_AT = 5;
/** Where a deleted row names its queue, in the place of the time of death. */
const QUEUE_AT = 4;

export function openPeek({ database }: EmbeddedFile, envelopes: Envelopes, queues: QueueRegistry): Peek {
  const cancel = database.prepare(`DELETE FROM cellar_delayed WHERE correlation_id = ? AND due_at > ?
    RETURNING 0, enqueued_at, due_at, NULL, queue, ${MESSAGE_COLUMNS}`);
  cancel.setReturnArrays(true);

  function decode(queue: QueueRow, place: PeekedMessage['place'], row: readonly SQLOutputValue[]): PeekedMessage {
    const [deliveries, enqueuedAt, due, reason, diedAt] = row;
    return {
      queue: queue.name,
      place,
      message: decodeMessage(envelopes, row, MESSAGE_AT),
      ...groupOf(row, MESSAGE_AT),
      deliveryCount: Number(deliveries),
      enqueuedAtMs: Number(enqueuedAt),
      ...(typeof due === 'number' ? { dueAtMs: due } : {}),
      ...(typeof reason === 'string' ? { reason } : {}),
      ...(typeof diedAt === 'number' ? { diedAtMs: diedAt } : {}),
    };
  }

  return {
    peek(queue, place, limit) {
      const select = database.prepare(QUERIES[place]);
      select.setReturnArrays(true);
      return rowsOf(select.all(queue.id, limit)).map((row) => decode(queue, place, row));
    },
    takeDelayed(taskId, nowMs) {
      const [row] = rowsOf(cancel.all(taskId, nowMs));
      const queue = row === undefined ? undefined : queues.byId(Number(row[QUEUE_AT]));
      if (row === undefined || queue === undefined) return undefined;
      return decode(queue, 'delayed', row.with(QUEUE_AT, null));
    },
  };
}
