import type { EmbeddedFile } from './embedded-file.ts';

export interface Deduplication {
  /** Whether this id is not remembered in this queue; it is from now on. To be called in a write transaction. */
  isNew(queue: number, id: string, nowMs: number): boolean;
}

/** How many entries that ran out go with each new one: more than one, so that the table shrinks again after a burst. */
const SWEEP = 4;

/** The deduplication ids of each queue, for a window that begins with the first message. */
export function openDeduplication({ database }: EmbeddedFile, windowSeconds: number): Deduplication {
  const insert = database.prepare(`
    INSERT INTO cellar_deduplication (queue, id, until) VALUES (?1, ?2, ?3)
    ON CONFLICT DO UPDATE SET until = excluded.until WHERE until <= ?4`);
  const sweep = database.prepare(`
    DELETE FROM cellar_deduplication WHERE (queue, id) IN
      (SELECT queue, id FROM cellar_deduplication WHERE until <= ? ORDER BY until LIMIT ${SWEEP})`);
  return {
    isNew(queue, id, nowMs) {
      const isNew = insert.run(queue, id, nowMs + windowSeconds * 1000, nowMs).changes === 1;
      if (isNew) sweep.run(nowMs);
      return isNew;
    },
  };
}
