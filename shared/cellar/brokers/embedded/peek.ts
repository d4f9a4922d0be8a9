import type { SQLOutputValue } from 'node:sqlite';
import type { PeekedMessage } from '../../broker.ts';
import { rowsOf } from './claim.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { decodeMessage, groupOf, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRow } from './queue-registry.ts';

export type Peek = (queue: QueueRow, place: PeekedMessage['place'], limit: number) => readonly PeekedMessage[];

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

/** Looks into a queue without changing anything. */
export function openPeek({ database }: EmbeddedFile, envelopes: Envelopes): Peek {
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

  return (queue, place, limit) => {
    const select = database.prepare(QUERIES[place]);
    select.setReturnArrays(true);
    return rowsOf(select.all(queue.id, limit)).map((row) => decode(queue, place, row));
  };
}
