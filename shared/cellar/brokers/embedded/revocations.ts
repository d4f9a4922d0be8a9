import type { EmbeddedFile } from './embedded-file.ts';

export interface Revocations {
  /** Needs a write transaction. */
  add(ids: readonly string[], untilMs: number): void;
  which(ids: readonly string[], nowMs: number): ReadonlySet<string>;
  /** Needs a write transaction. */
  removeEndedUntil(nowMs: number): void;
}

/** Ids of revoked tasks. */
export function openRevocations({ database }: EmbeddedFile): Revocations {
  const put = database.prepare('INSERT OR REPLACE INTO cellar_revoked (id, until) VALUES (?, ?)');
  const selectAny = database.prepare('SELECT 1 FROM cellar_revoked LIMIT 1');
  const select = database.prepare('SELECT 1 FROM cellar_revoked WHERE id = ? AND until > ?');
  const remove = database.prepare('DELETE FROM cellar_revoked WHERE until <= ?');
  return {
    add(ids, untilMs) {
      for (const id of ids) put.run(id, untilMs);
    },
    which(ids, nowMs) {
      // Asked before each task: nearly always nobody ever revoked anything, and one look tells.
      if (selectAny.get() === undefined) return new Set();
      return new Set(ids.filter((id) => select.get(id, nowMs) !== undefined));
    },
    removeEndedUntil: (nowMs) => void remove.run(nowMs),
  };
}
