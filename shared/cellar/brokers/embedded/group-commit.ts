import type { DatabaseSync } from 'node:sqlite';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Runtime, sleep } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeFault, retryWhileBusy } from './sqlite-busy.ts';
import type { TurnTaking } from './turn-taking.ts';

/** How long one transaction goes on taking in work; the clock counts whole milliseconds, so the lock is held up to 5. */
const LOCK_BUDGET_MS = 4;
/** How long the lock is left free for a process that asked: longer than the longest wait between two of its tries. */
const GIVE_WAY_MS = 3;

interface Unit {
  readonly run: () => void;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

export interface GroupCommit {
  /** Runs `work` inside the next write transaction; resolves after its commit. What `work` throws fails the whole transaction. */
  write<T>(work: () => T): Promise<T>;
  /** Resolves when nothing is under way or waiting any more; refuses new work from now on. */
  close(): Promise<void>;
}

export interface GroupCommitOptions {
  readonly database: DatabaseSync;
  readonly runtime: Runtime;
  readonly turns: TurnTaking;
  /** Called when a transaction came to nothing. */
  readonly onRollback: () => void;
  /** Called outside any transaction, after those who wait for the commit were told. */
  readonly onCommit: () => void;
}

/** One write transaction for all work that was asked for in one turn of the event loop. */
export function openGroupCommit({ database, runtime, turns, onRollback, onCommit }: GroupCommitOptions): GroupCommit {
  const begin = database.prepare('BEGIN IMMEDIATE');
  const commit = database.prepare('COMMIT');
  const waiting: Unit[] = [];
  let draining: Promise<void> | undefined;
  let closed = false;

  async function drain(): Promise<void> {
    while (waiting.length > 0) {
      await nextTurn();
      try {
        await retryWhileBusy(runtime, () => begin.run(), turns.ask);
      } catch (error) {
        fail(waiting.splice(0), error);
        continue;
      }
      runGroup();
      if (turns.wasAsked()) await sleep(runtime.clock, GIVE_WAY_MS);
    }
    draining = undefined;
  }

  function runGroup(): void {
    const group: Unit[] = [];
    try {
      takeIn(group);
      commit.run();
    } catch (error) {
      rollback(database);
      onRollback();
      fail(group.splice(0), error);
    }
    for (const unit of group) unit.done();
    if (group.length > 0) afterCommit();
  }

  /** What was committed stays so, whatever happens here. */
  function afterCommit(): void {
    try {
      onCommit();
    } catch {
      // A file that cannot be written any more says so at the next write, to those whom it concerns.
    }
  }

  /** Runs what waits until the budget is spent; `group` holds what was begun, also when it throws. */
  function takeIn(group: Unit[]): void {
    const until = runtime.clock.now() + LOCK_BUDGET_MS;
    let next = 0;
    try {
      for (; next < waiting.length; ) {
        const unit = waiting[next++];
        if (unit === undefined) break;
        group.push(unit);
        unit.run();
        if (runtime.clock.now() >= until) break;
      }
    } finally {
      waiting.splice(0, next);
    }
  }

  return {
    write<T>(work: () => T): Promise<T> {
      if (closed) return Promise.reject(closedError());
      return new Promise<T>((resolve, reject) => {
        let value: { readonly of: T } | undefined;
        waiting.push({
          run() {
            value = { of: work() };
          },
          done() {
            if (value !== undefined) resolve(value.of);
          },
          failed: reject,
        });
        draining ??= drain();
      });
    },
    async close() {
      closed = true;
      await draining;
    },
  };
}

/** What every call after `close` is answered with. */
export function closedError(): CellarError {
  return new CellarError('closed', 'the broker is closed');
}

function rollback(database: DatabaseSync): void {
  if (database.isTransaction) database.exec('ROLLBACK');
}

function fail(units: readonly Unit[], cause: unknown): void {
  const error = new CellarError('broker-unavailable', `the file cannot be written: ${describeFault(cause)}`, { cause });
  for (const unit of units) unit.failed(error);
}
