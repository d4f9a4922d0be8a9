/**
 * Results, claims, revocations, schedules, attempts and chords in one DynamoDB table (`resultsTable` describes it).
 *
 * A stored state is one write of the task's item, a claim one more. Nothing is read to decide: conditions are. What has
 * expired is not read any more, at once; DynamoDB deletes it later.
 */
import type { AwsCalls } from '../../aws/calls.ts';
import type { AttemptCounter } from '../../backend.ts';
import type { ChordStore } from '../../chord-store.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { isReady } from '../../result-precedence.ts';
import type { ResultStore, ResultUpdate, ScheduleStore, StoredResult } from '../../result-store.ts';
import { claim, unclaim } from './claims.ts';
import { dynamoAttempts } from './dynamo-attempts.ts';
import { dynamoChords } from './dynamo-chords.ts';
import { dynamoSchedules } from './dynamo-schedules.ts';
import { listRecent } from './list-recent.ts';
import { MAX_UPDATE_BYTES } from './max-update-bytes.ts';
import { openPolling } from './poll-results.ts';
import { FORGET, lastExpiredAt, resultOf, storeUpdate, taskKey } from './result-item.ts';
import { openRevocations } from './revocations.ts';
import { sideBySide } from './side-by-side.ts';
import { openTable, textOf } from './table.ts';

export interface DynamoResultsOptions {
  readonly calls: AwsCalls;
  /** The table's name. */
  readonly table: string;
  readonly runtime: Runtime;
  /** How long results and revocations are kept. */
  readonly expiresSeconds: number;
}

export interface DynamoStores {
  readonly results: ResultStore;
  readonly schedules: ScheduleStore;
  readonly attempts: AttemptCounter;
  readonly chords: ChordStore;
}

/** Writes of one call that run side by side. */
const SIDE_BY_SIDE = 16;

/** Opens the stores; the calls stay the caller's to close. */
export function openDynamoResults({ calls, table: name, runtime, expiresSeconds }: DynamoResultsOptions): DynamoStores {
  const { clock } = runtime;
  const table = openTable({ calls, table: name, runtime });
  const claims = { table, clock, expiresSeconds };
  const revocations = openRevocations(table, clock);
  const polling = openPolling(clock, get);
  const nextChange = risingChanges(clock.now);
  let isClosed = false;

  const oldest = () => lastExpiredAt(clock.now(), expiresSeconds);
  const checkOpen = () => {
    if (isClosed) throw new CellarError('closed', 'the result store is closed');
  };

  async function get(ids: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    const items = await table.getAll(ids.map(taskKey));
    const byKey = new Map(items.map((item) => [textOf(item['pk']), item]));
    return ids.map((id) => resultOf(byKey.get(taskKey(id)) ?? {}, oldest()));
  }

  async function storeOne(update: ResultUpdate, at: number): Promise<void> {
    const { isRefused } = await table.update(taskKey(update.id), storeUpdate(update, { at, expiresSeconds }));
    if (!isRefused && isReady(update.state)) polling.notify({ ...update, updatedAtMs: Math.floor(at / 1000) });
  }

  const results: ResultStore = {
    expiresSeconds,
    maxUpdateBytes: MAX_UPDATE_BYTES,
    async get(ids) {
      checkOpen();
      return await get(ids);
    },
    async store(updates) {
      checkOpen();
      const changes = updates.map((update) => ({ update, at: nextChange() }));
      const tasks = [...Map.groupBy(changes, ({ update }) => update.id).values()];
      await sideBySide(tasks, SIDE_BY_SIDE, async (ofOneTask) => {
        for (const { update, at } of ofOneTask) await storeOne(update, at);
      });
    },
    async wait(id, options) {
      checkOpen();
      const endMs = clock.now() + options.timeoutMs;
      const [found] = await get([id]);
      if (found !== undefined && isReady(found.state)) return found;
      return await polling.wait(id, { ...options, timeoutMs: endMs - clock.now() });
    },
    async claim(key, owner, leaseSeconds) {
      checkOpen();
      return await claim(claims, key, { owner, leaseSeconds });
    },
    async unclaim(keys, owner) {
      checkOpen();
      await sideBySide(keys, SIDE_BY_SIDE, (key) => unclaim(claims, key, owner));
    },
    async revoke(ids) {
      checkOpen();
      await revocations.add(ids, clock.now() + expiresSeconds * 1000);
    },
    async revoked(ids) {
      checkOpen();
      return await revocations.which(ids);
    },
    async list(options) {
      checkOpen();
      return await listRecent(table, options, { nowMs: clock.now(), oldest: oldest() });
    },
    async forget(ids) {
      checkOpen();
      await sideBySide(ids, SIDE_BY_SIDE, (id) => table.update(taskKey(id), FORGET));
    },
    async cleanup() {
      checkOpen();
      return 0; // DynamoDB deletes by itself
    },
    async close() {
      isClosed = true;
      polling.close();
    },
  };
  return {
    results,
    schedules: dynamoSchedules(table),
    attempts: dynamoAttempts(table, clock),
    chords: dynamoChords(table, clock, get),
  };
}

/** Times of changes in µs, each later than the one before, so that those of one millisecond keep their order. */
function risingChanges(now: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return last;
  };
}
