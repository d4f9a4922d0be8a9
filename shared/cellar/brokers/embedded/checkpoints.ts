import type { DatabaseSync } from 'node:sqlite';

/** Rows changed by this connection between two checkpoints: some 20 MiB of write-ahead log. */
const CHANGES = 20_000;
/** Commits between two looks at that number; one commit changes some hundred rows at most. */
const COMMITS = 8;

/**
 * Copies the write-ahead log into the database now and then, outside any transaction.
 *
 * SQLite by itself lets whoever commits next pay for it once the log is long, which is as likely the process that
 * wrote one row as the one that wrote ten thousand. Here each process pays for what it wrote; SQLite's own limit
 * (`wal_autocheckpoint`) is set far above and only bounds the log.
 */
export function openCheckpoints(database: DatabaseSync): { readonly afterCommit: () => void } {
  const selectChanges = database.prepare('SELECT total_changes() AS changes');
  const checkpoint = database.prepare('PRAGMA wal_checkpoint(PASSIVE)');
  let paidUntil = 0;
  let commits = 0;
  return {
    afterCommit() {
      commits = (commits + 1) % COMMITS;
      if (commits !== 0) return;
      const changes = Number(selectChanges.get()?.['changes']);
      if (changes - paidUntil < CHANGES) return;
      paidUntil = changes;
      checkpoint.get();
    },
  };
}
