import type { Runtime } from '../../clock.ts';
import type { ScheduleStore } from '../../result-store.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';

/**
 * KEYS: the schedules. ARGV: name, due time expected ('' = none), new entry. An entry is `<due time> <who set it>`: the same
 * call that takes effect a second time, because its answer was lost, is told again that it was first.
 */
const ADVANCE = script(`
local entry = redis.call('HGET', KEYS[1], ARGV[1])
if entry == ARGV[3] then return 1 end
local fired = entry and string.match(entry, '^%S+') or ''
if fired ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`);

/** What beat remembers, all in one hash that is never deleted. */
export function redisSchedules(connection: RedisConnection, keys: Keys, { newId }: Runtime): ScheduleStore {
  return {
    async lastFired() {
      const entries = await connection.call((redis) => redis.hgetall(keys.schedules));
      return new Map(Object.entries(entries).map(([name, entry]) => [name, Number(entry.split(' ', 1)[0])]));
    },
    async advance(name, expectedMs, firedMs) {
      const entry = `${firedMs} ${newId()}`;
      return (await connection.run(ADVANCE, [keys.schedules], [name, expectedMs ?? '', entry])) === 1;
    },
  };
}
