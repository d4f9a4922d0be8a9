import { nextGeneration } from '../next-generation.ts';
import type { Arrivals } from './arrivals.ts';
import { rowsOf } from './claim.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import type { Envelopes } from './envelopes.ts';
import { decodeMessage, groupOf, MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRow } from './queue-registry.ts';

export interface RedriveParts {
  readonly file: EmbeddedFile;
  readonly envelopes: Envelopes;
  readonly arrivals: Arrivals;
  readonly arrived: (queue: QueueRow) => void;
}

/** Messages in one transaction. */
const CHUNK = 100;

/** Sends dead messages back to their queue; deduplication is not asked, because they are meant to run again. */
export function openRedrive({ file, envelopes, arrivals, arrived }: RedriveParts) {
  const select = file.database.prepare(
    `SELECT id, ${MESSAGE_COLUMNS} FROM cellar_dead WHERE queue = ? ORDER BY id LIMIT ?`,
  );
  select.setReturnArrays(true);
  const remove = file.database.prepare('DELETE FROM cellar_dead WHERE id = ?');

  function redriveSome(queue: QueueRow, limit: number): number {
    const rows = rowsOf(select.all(queue.id, Math.min(limit, CHUNK)));
    for (const row of rows) {
      const wire = nextGeneration(decodeMessage(envelopes, row, 1));
      const { messageGroup = null } = groupOf(row, 1);
      const encoded = { wire, ...envelopes.encode(wire), messageGroup };
      arrivals.add(queue, encoded, file.runtime.clock.now());
      remove.run(Number(row[0]));
    }
    arrivals.flush();
    if (rows.length > 0) arrived(queue);
    return rows.length;
  }

  return async (queue: QueueRow, limit: number): Promise<number> => {
    let sum = 0;
    for (;;) {
      const left = limit - sum;
      const sent = left > 0 ? await file.write(() => redriveSome(queue, left)) : 0;
      sum += sent;
      if (sent < CHUNK) return sum;
    }
  };
}
