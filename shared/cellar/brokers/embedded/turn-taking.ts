import { existsSync, rmSync, writeFileSync } from 'node:fs';

/** How processes that share a file let each other write: SQLite's lock is not fair. */
export interface TurnTaking {
  /** Says that this process waits for the lock. */
  ask(): void;
  /** Whether another process asked since the last call. The answer takes the request down. */
  wasAsked(): boolean;
}

/**
 * Takes turns by a file beside the database: who finds the lock taken makes it, who has just committed looks for it
 * and, when it is there, removes it and leaves the lock free for a moment. A file left behind by a process that
 * died costs one such pause.
 */
export function openTurnTaking(databasePath: string): TurnTaking {
  const path = `${databasePath}-wait`;
  return {
    ask() {
      if (!existsSync(path)) ignoringFaults(() => writeFileSync(path, ''));
    },
    wasAsked() {
      if (!existsSync(path)) return false;
      ignoringFaults(() => rmSync(path, { force: true }));
      return true;
    },
  };
}

/** Fairness is a courtesy: a read-only folder or a race with another process must not fail a write. */
function ignoringFaults(work: () => void): void {
  try {
    work();
  } catch {
    // The request is lost; the retry of the waiting process makes it again.
  }
}
