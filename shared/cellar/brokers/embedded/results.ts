import { CellarError } from '../../errors.ts';
import { isReady, supersedes } from '../../result-precedence.ts';
import type { ResultStore, ResultUpdate } from '../../result-store.ts';
import { openResultWaiters } from '../result-waiters.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { openResultRows } from './result-rows.ts';
import { openRevocations } from './revocations.ts';
import { openTaskClaims } from './task-claims.ts';

/** The result store of the file, and what the broker needs of it. */
export interface EmbeddedResults {
  readonly store: ResultStore;
  /** Stores one update by its precedence; needs a write transaction. */
  put(update: ResultUpdate): void;
  /** Tells those who wait for this task; to be called after the commit. */
  notify(update: ResultUpdate): void;
  isWaiting(): boolean;
  /** Looks again for all who wait, because another process wrote. */
  lookAgain(): void;
}

export function openResults(file: EmbeddedFile, expiresSeconds: number, waiting: () => void): EmbeddedResults {
  const { clock } = file.runtime;
  const rows = openResultRows(file);
  const waiters = openResultWaiters(clock);
  const oldestMs = (): number => clock.now() - expiresSeconds * 1000;
  const find = (id: string) => rows.find(id, oldestMs());
  const claims = openTaskClaims(file, find);
  const revocations = openRevocations(file);
  const read = <T>(work: () => T): Promise<T> => file.read(work).catch(storeFault);
  const write = <T>(work: () => T): Promise<T> => file.write(work).catch(storeFault);

  function put(update: ResultUpdate): void {
    const stored = rows.findState(update.id);
    const isExpired = stored !== undefined && stored.updatedAtMs <= oldestMs();
    if (stored === undefined || isExpired || supersedes(update, stored)) rows.put(update, clock.now(), stored);
  }

  /** What is stored now, not the update: another state may have won. */
  function notify({ id, state }: Pick<ResultUpdate, 'id' | 'state'>): void {
    if (!isReady(state) || !waiters.isWaitedFor(id)) return;
    const result = find(id);
    if (result !== undefined) waiters.notify(result);
  }

  const store: ResultStore = {
    expiresSeconds,
    get: (ids) => read(() => ids.map(find)),
    async store(updates) {
      await write(() => {
        for (const update of updates) put(update);
      });
      for (const update of updates) notify(update);
    },
    async wait(id, options) {
      const found = await read(() => find(id));
      if (found !== undefined && isReady(found.state)) return found;
      const result = waiters.wait(id, options);
      // It may have come between the look and the wait.
      notify({ id, state: 'SUCCESS' });
      waiting();
      return await result;
    },
    claim: (key, owner, leaseSeconds) => write(() => claims.claim(key, owner, leaseSeconds)),
    unclaim: (keys, owner) =>
      write(() => {
        for (const key of keys) claims.unclaim(key, owner);
      }),
    revoke: (ids) => write(() => revocations.add(ids, clock.now() + expiresSeconds * 1000)),
    revoked: (ids) => read(() => revocations.which(ids, clock.now())),
    list: (options) => read(() => rows.list(options, oldestMs())),
    forget: (ids) =>
      write(() => {
        for (const id of ids) rows.remove(id);
      }),
    cleanup: () =>
      write(() => {
        revocations.removeEndedUntil(clock.now());
        claims.removeEndedUntil(oldestMs());
        return rows.removeChangedUntil(oldestMs());
      }),
    async close() {
      waiters.close();
    },
  };
  return {
    store,
    put,
    notify,
    isWaiting: () => waiters.ids().length > 0,
    lookAgain() {
      for (const id of waiters.ids()) notify({ id, state: 'SUCCESS' });
    },
  };
}

/** The same fault has another name here: callers may be able to go on without results. */
export function storeFault(error: unknown): never {
  if (!(error instanceof CellarError) || error.code !== 'broker-unavailable') throw error;
  throw new CellarError('store-unavailable', error.message, { cause: error.cause });
}
