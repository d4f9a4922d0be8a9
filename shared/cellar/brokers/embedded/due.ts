import { NO_CLAIM } from './arrivals.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { MESSAGE_COLUMNS } from './message-columns.ts';
import type { QueueRegistry, QueueRow } from './queue-registry.ts';
import { MessageState } from './schema.ts';

/** Messages whose time comes: delayed ones arrive, receipts run out, rested ones are ready again. */
export interface DueMessages {
  /** Whether something is due now. */
  any(): boolean;
  /** When the next message is due (ms since the epoch); Infinity when none is. */
  nextAtMs(): number;
  /** Makes what is due ready, in the order of its due times; needs a write transaction. Tells of each queue touched. */
  move(touched: (queue: QueueRow) => void): void;
}

/** At most this many arrive in one transaction, to keep it short; the rest follows in the next. */
const LARGEST_MOVE = 200;

export function openDueMessages({ database, runtime }: EmbeddedFile, queues: QueueRegistry): DueMessages {
  const statements = prepare(database);

  function touch(rows: readonly Record<string, unknown>[], touched: (queue: QueueRow) => void): void {
    for (const id of new Set(rows.map((row) => Number(row['queue'])))) {
      const queue = queues.byId(id);
      if (queue !== undefined) touched(queue);
    }
  }

  return {
    any() {
      const now = runtime.clock.now();
      return statements.any.get(now, now) !== undefined;
    },
    nextAtMs() {
      const { delayed, hidden } = statements.next.get() ?? {};
      return Math.min(Number(delayed ?? Number.POSITIVE_INFINITY), Number(hidden ?? Number.POSITIVE_INFINITY));
    },
    move(touched) {
      const now = runtime.clock.now();
      const arriving = statements.selectDelayed.all(now);
      for (const row of arriving) {
        statements.arrive.run(Number(row['id']));
        statements.removeDelayed.run(Number(row['id']));
      }
      touch(arriving, touched);
      touch(statements.show.all(now), touched);
    },
  };
}

function prepare(database: EmbeddedFile['database']) {
  const { ready, blocked } = MessageState;
  return {
    any: database.prepare(`
      SELECT 1 WHERE EXISTS (SELECT 1 FROM cellar_delayed WHERE due_at <= ?)
        OR EXISTS (SELECT 1 FROM cellar_messages WHERE state >= 4 AND visible_at <= ?)`),
    next: database.prepare(`
      SELECT (SELECT min(due_at) FROM cellar_delayed) AS delayed,
        (SELECT min(visible_at) FROM cellar_messages WHERE state >= 4) AS hidden`),
    selectDelayed: database.prepare(
      `SELECT id, queue FROM cellar_delayed WHERE due_at <= ? ORDER BY due_at, id LIMIT ${LARGEST_MOVE}`,
    ),
    arrive: database.prepare(`
      INSERT INTO cellar_messages (queue, state, claim, visible_at, deliveries, enqueued_at, ${MESSAGE_COLUMNS})
      SELECT queue, iif(message_group IS NOT NULL AND EXISTS (
          SELECT 1 FROM cellar_messages AS other WHERE other.queue = due.queue AND other.message_group = due.message_group),
        ${blocked}, ${ready}), ${NO_CLAIM}, due_at, 0, due_at, ${MESSAGE_COLUMNS}
      FROM cellar_delayed AS due WHERE id = ?`),
    removeDelayed: database.prepare('DELETE FROM cellar_delayed WHERE id = ?'),
    show: database.prepare(
      `UPDATE cellar_messages SET state = ${ready} WHERE state >= 4 AND visible_at <= ? RETURNING queue`,
    ),
  };
}
