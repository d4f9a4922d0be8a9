/**
 * Chords as Celery's Redis backend counts them (celery/backends/redis.py, `on_chord_part_return`): `.j` a sorted set of
 * ended parts by their place, `.t` how many were added to the header later, `.s` the header's size. Workers of both
 * languages may share one chord; whoever ends the last part sends the body.
 */
import { CHORD_KEPT_MS, type ChordPart, type ChordStore } from '../../chord-store.ts';
import { jsonParts } from '../json-parts.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';

/** KEYS: size. ARGV: how many, ms that it is kept. */
const OPEN = script(`redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2], 'NX') return 0`);

/**
 * KEYS: parts, added, size. ARGV: the part's JSON, its place, its task's id in JSON, ms that results are kept.
 *
 * Celery counts members: the same part with another result would count twice, so that it takes the place of the earlier one,
 * unless that is a SUCCESS. The size may come after the first parts: Celery sets it with its last. A chord is kept no
 * shorter than its size is. Answers nothing while the size is not known, else how many are wanted, followed by the parts
 * once they are there.
 */
const END = script(`
local text, place, id = ARGV[1], ARGV[2], ARGV[3]
local isKept = true
for _, other in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], place, place)) do
  local first, last = string.find(other, id, 1, true)
  if other ~= text and first and first < 8 then
    if string.find(other, '^, ?"SUCCESS"', last + 1) then isKept = false else redis.call('ZREM', KEYS[1], other) end
  end
end
if isKept then redis.call('ZADD', KEYS[1], place, text) end
local left = math.max(redis.call('PTTL', KEYS[3]), tonumber(ARGV[4]))
for _, key in ipairs(KEYS) do redis.call('PEXPIRE', key, left) end
local size = redis.call('GET', KEYS[3])
if not size then return {} end
local wanted = size + (redis.call('GET', KEYS[2]) or 0)
if redis.call('ZCARD', KEYS[1]) < wanted then return { wanted } end
local answer = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
table.insert(answer, 1, wanted)
return answer`);

export function redisChords(connection: RedisConnection, keys: Keys, expiresSeconds: number): ChordStore {
  return {
    async open(chordId, size) {
      await connection.run(OPEN, [keys.chord(chordId, '.s')], [size, CHORD_KEPT_MS]);
    },
    async ended(chordId, { index, taskId, state, result }) {
      const id = JSON.stringify(taskId);
      const part = `[1, ${id}, ${JSON.stringify(state)}, ${result}]`;
      const names = (['.j', '.t', '.s'] as const).map((name) => keys.chord(chordId, name));
      const answer = await connection.run(END, names, [part, index, id, expiresSeconds * 1000]);
      const [wanted, ...parts] = Array.isArray(answer) ? answer : [];
      if (wanted === undefined) return { kind: 'unknown' };
      return parts.length === 0 && wanted > 0
        ? { kind: 'pending' }
        : { kind: 'complete', parts: partsOf(parts.map(String)) };
    },
    async forget(chordId) {
      const all = (['.j', '.t', '.s'] as const).map((name) => keys.chord(chordId, name));
      await connection.call((redis) => redis.del(all));
    },
  };
}

/** Of members and their scores in turn. A part that was added to the header has the place `inf`: behind the others. */
function partsOf(membersAndScores: readonly string[]): readonly ChordPart[] {
  const parts: ChordPart[] = [];
  for (let at = 0; at < membersAndScores.length; at += 2) {
    const [, taskId = '""', state = '""', result = 'null'] = jsonParts(membersAndScores[at] ?? '[]');
    const place = Number(membersAndScores[at + 1]);
    parts.push({
      index: Number.isFinite(place) ? place : parts.length,
      taskId: JSON.parse(taskId),
      state: JSON.parse(state),
      result,
    });
  }
  return parts;
}
