/** Which tasks are revoked: an item each, so that a worker asks for many at once and no result is touched. */
import type { Clock } from '../../clock.ts';
import { sideBySide } from './side-by-side.ts';
import { numberOf, numeric, type Table, textOf, timeToLive } from './table.ts';

const PREFIX = 'revoked#';
const SIDE_BY_SIDE = 16;

export interface Revocations {
  /** Remembers these ids until then (ms since the epoch). */
  add(ids: readonly string[], untilMs: number): Promise<void>;
  which(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

export function openRevocations(table: Table, clock: Clock): Revocations {
  return {
    async add(ids, untilMs) {
      await sideBySide(ids, SIDE_BY_SIDE, (id) =>
        table.put({ pk: { S: PREFIX + id }, until: numeric(untilMs), ttl: timeToLive(untilMs) }),
      );
    },
    async which(ids) {
      const items = await table.getAll(ids.map((id) => PREFIX + id));
      const nowMs = clock.now();
      const revoked = items.filter(({ until }) => numberOf(until) > nowMs);
      return new Set(revoked.map(({ pk }) => textOf(pk).slice(PREFIX.length)));
    },
  };
}
