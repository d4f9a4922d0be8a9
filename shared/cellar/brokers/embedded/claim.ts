import type { SQLOutputValue } from 'node:sqlite';
import type { Delivery } from '../../broker.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { decodeMessage, groupOf, MESSAGE_COLUMNS } from './message-columns.ts';
import type { Owners } from './owners.ts';
import type { QueueRow } from './queue-registry.ts';
import { MessageState } from './schema.ts';

/** Rows that were claimed and not decoded yet: decoding needs no lock. */
export interface ClaimedRows {
  readonly queue: QueueRow;
  readonly claim: number;
  readonly visibleAtMs: number;
  readonly rows: readonly (readonly SQLOutputValue[])[];
}

export interface Claimer {
  /** Takes the first `max` ready messages of a queue; to be called in a write transaction. */
  claim(queue: QueueRow, max: number): ClaimedRows;
  decode(claimed: ClaimedRows): readonly Delivery[];
}

/** More in one transaction would hold the lock too long. */
const LARGEST_CLAIM = 256;
/** Where {@link MESSAGE_COLUMNS} begin in a claimed row, behind id, deliveries and enqueued_at. */
const MESSAGE_AT = 3;

export function openClaimer({ database, runtime }: EmbeddedFile, envelopes: Envelopes, owners: Owners): Claimer {
  const select = database.prepare(`
    SELECT id, deliveries, enqueued_at, ${MESSAGE_COLUMNS} FROM cellar_messages
    WHERE queue = ? AND state = ${MessageState.ready} ORDER BY id LIMIT ?`);
  select.setReturnArrays(true);
  // The lock is held, so the same rows are found again: those up to the last one selected.
  const take = database.prepare(`
    UPDATE cellar_messages SET state = ${MessageState.inFlight}, claim = ?, visible_at = ?, deliveries = deliveries + 1
    WHERE queue = ? AND state = ${MessageState.ready} AND id <= ?`);

  return {
    claim(queue, max) {
      const rows = rowsOf(select.all(queue.id, Math.min(max, LARGEST_CLAIM)));
      const last = rows.at(-1)?.[0];
      const visibleAtMs = runtime.clock.now() + queue.visibilityMs;
      if (last === undefined) return { queue, claim: 0, visibleAtMs, rows };
      const claim = owners.nextClaim();
      take.run(claim, visibleAtMs, queue.id, last);
      return { queue, claim, visibleAtMs, rows };
    },
    decode: ({ queue, claim, visibleAtMs, rows }) =>
      rows.map((row) => ({
        queue: queue.name,
        receipt: `${row[0]}.${claim}`,
        message: decodeMessage(envelopes, row, MESSAGE_AT),
        ...groupOf(row, MESSAGE_AT),
        deliveryCount: Number(row[1]) + 1,
        enqueuedAtMs: Number(row[2]),
        visibleAtMs,
      })),
  };
}

/** Node types rows as records whatever the statement returns. */
export function rowsOf(rows: readonly unknown[]): readonly (readonly SQLOutputValue[])[] {
  return rows.filter((row) => Array.isArray(row));
}

/** The two parts of a receipt; neither is a number when the text is none of ours. */
export function parseReceipt(receipt: string): { readonly id: number; readonly claim: number } {
  const dot = receipt.indexOf('.');
  return { id: Number(receipt.slice(0, dot)), claim: Number(receipt.slice(dot + 1)) };
}
