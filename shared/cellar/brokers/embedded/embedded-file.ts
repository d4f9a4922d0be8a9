import { DatabaseSync } from 'node:sqlite';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { openCheckpoints } from './checkpoints.ts';
import { closedError, openGroupCommit } from './group-commit.ts';
import { prepareSchema } from './schema.ts';
import { describeFault, retryWhileBusy } from './sqlite-busy.ts';
import { openTurnTaking } from './turn-taking.ts';

export interface FileOptions {
  readonly path: string;
  readonly runtime: Runtime;
  /** `process`: survives the death of the process; `power`: every commit is on the disk before it counts. */
  readonly durability: 'process' | 'power';
}

/** The open file: one connection, one place to write, one place to read. */
export interface EmbeddedFile {
  readonly database: DatabaseSync;
  readonly runtime: Runtime;
  /** Runs `work` in the next write transaction; resolves after its commit. */
  readonly write: <T>(work: () => T) => Promise<T>;
  /** Runs `work` as soon as the file can be read, which is nearly always at once. */
  readonly read: <T>(work: () => T) => Promise<T>;
  /** Registers what must be forgotten when a transaction comes to nothing. */
  readonly onRollback: (forget: () => void) => void;
  readonly isClosed: () => boolean;
  /** Finishes what is under way, runs `lastWrite` in a last transaction, and closes the connection. */
  readonly close: (lastWrite: () => void) => Promise<void>;
}

/** The longest write-ahead log, in pages; usually {@link openCheckpoints} comes long before. */
const CHECKPOINT_PAGES = 16_000;
/** Larger pages than SQLite's 4096 cost less for each message of a batch and hardly more for one alone. */
const PAGE_BYTES = 8192;
const CACHE_KIB = 16_384;

/**
 * Opens the file, or makes it; several processes may do so at the same moment.
 * @throws CellarError `bad-settings` when its tables are of another version, `broker-unavailable` when it cannot be opened
 */
export async function openEmbeddedFile({ path, runtime, durability }: FileOptions): Promise<EmbeddedFile> {
  const database = await connect(path, runtime, durability);
  const rollbackListeners: (() => void)[] = [];
  const onRollback = (): void => {
    for (const forget of rollbackListeners) forget();
  };
  const commits = openGroupCommit({
    database,
    runtime,
    turns: openTurnTaking(path),
    onRollback,
    onCommit: openCheckpoints(database).afterCommit,
  });
  let closing: Promise<void> | undefined;
  const isClosed = (): boolean => closing !== undefined;
  const write = <T>(work: () => T): Promise<T> => (isClosed() ? Promise.reject(closedError()) : commits.write(work));
  return {
    database,
    runtime,
    write,
    isClosed,
    onRollback: (forget) => void rollbackListeners.push(forget),
    async read(work) {
      if (isClosed()) throw closedError();
      return await retryWhileBusy(runtime, () => {
        if (!database.isOpen) throw closedError();
        return work();
      }).catch(unavailable);
    },
    close(lastWrite) {
      closing ??= finish(commits.write(lastWrite));
      return closing;
    },
  };

  /** A file that cannot be written any more is closed all the same: what was in flight comes back by its timeout. */
  async function finish(last: Promise<void>): Promise<void> {
    await last.catch(() => undefined);
    await commits.close();
    database.close();
  }
}

async function connect(path: string, runtime: Runtime, durability: 'process' | 'power'): Promise<DatabaseSync> {
  let database: DatabaseSync | undefined;
  try {
    const opened = await retryWhileBusy(runtime, () => new DatabaseSync(path, { timeout: 0 }));
    database = opened;
    await retryWhileBusy(runtime, () => configure(opened, durability));
    await retryWhileBusy(runtime, () => inTransaction(opened, () => prepareSchema(opened, path)));
    return opened;
  } catch (error) {
    database?.close();
    return unavailable(error);
  }
}

function configure(database: DatabaseSync, durability: 'process' | 'power'): void {
  database.exec(`
    PRAGMA page_size = ${PAGE_BYTES};
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = ${durability === 'power' ? 'FULL' : 'NORMAL'};
    PRAGMA wal_autocheckpoint = ${CHECKPOINT_PAGES};
    PRAGMA cache_size = -${CACHE_KIB};
    PRAGMA temp_store = MEMORY`);
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE');
  try {
    work();
    database.exec('COMMIT');
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

function unavailable(error: unknown): never {
  if (error instanceof CellarError) throw error;
  throw new CellarError('broker-unavailable', `the file cannot be read: ${describeFault(error)}`, { cause: error });
}
