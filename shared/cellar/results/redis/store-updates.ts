/** Stores states: what one turn of the event loop brings is one script, which decides by the precedence and tells who waits. */
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { precedence } from '../../result-precedence.ts';
import type { ResultUpdate } from '../../result-store.ts';
import { encodeMeta } from '../task-meta.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';
import { READY_RANKS, STATE_OF } from './stored-state.ts';

/** So many updates of one script, which the server runs with nothing beside it. */
const MOST_UPDATES = 64;
/** So many of the tasks that changed last are listed. */
const MOST_LISTED = 100_000;
const ARGUMENTS_OF_ALL = 2;
const ARGUMENTS_OF_EACH = 6;

/**
 * KEYS: the index, then the task of each update. ARGV: seconds that results are kept, the time before which entries of the
 * index have expired; then of each update its JSON, precedence, generation, retries, time and id. Answers for each '' or
 * why it was not stored. Celery writes the same (celery/backends/redis.py, `_set`); what Celery stored gives way as in
 * Celery, to anything unless it is SUCCESS.
 */
const STORE = script(`${STATE_OF}${READY_RANKS}
local function givesWay(stored, precedence, generation, retries)
  local state, storedGeneration, storedRetries = stateOf(stored)
  if state == 'SUCCESS' then return false end
  local rank = rankOf[state]
  if not rank or not storedGeneration then return true end
  return precedence < rank or storedGeneration < generation
    or (storedGeneration == generation and storedRetries < retries)
end
local kept, answers = ARGV[1], {}
for index = 2, #KEYS do
  local key, first = KEYS[index], ${ARGUMENTS_OF_ALL} + (index - 2) * ${ARGUMENTS_OF_EACH} + 1
  local stored = redis.pcall('GET', key)
  if type(stored) == 'table' then
    answers[#answers + 1] = stored.err
  else
    answers[#answers + 1] = ''
    local text, precedence = ARGV[first], tonumber(ARGV[first + 1])
    local generation, retries = tonumber(ARGV[first + 2]), tonumber(ARGV[first + 3])
    if not stored or givesWay(stored, precedence, generation, retries) then
      redis.call('SETEX', key, kept, text)
      redis.call('PUBLISH', key, text)
      redis.call('ZADD', KEYS[1], ARGV[first + 4], ARGV[first + 5])
    end
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[2])
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, -${MOST_LISTED + 1})
redis.call('EXPIRE', KEYS[1], kept)
return answers`);

export interface UpdateStoreParts {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly expiresSeconds: number;
}

interface Pending {
  readonly update: ResultUpdate;
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/** What stores one update; those of one turn go together, in order, and each hears of its own fault. */
export function updateStore({ connection, keys, clock, expiresSeconds }: UpdateStoreParts) {
  const nextChange = risingChanges(clock.now);
  let waiting: Pending[] = [];

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let start = 0; start < all.length; start += MOST_UPDATES)
      void storeSome(all.slice(start, start + MOST_UPDATES));
  }

  async function storeSome(some: readonly Pending[]): Promise<void> {
    try {
      const answers = await connection.run(
        STORE,
        [keys.recent, ...some.map(({ update }) => keys.task(update.id))],
        [
          expiresSeconds,
          (clock.now() - expiresSeconds * 1000) * 1000,
          ...some.flatMap(({ update }) => argumentsOf(update, nextChange())),
        ],
      );
      const faults = Array.isArray(answers) ? answers.map(String) : [];
      for (const [index, { update, done, failed }] of some.entries()) {
        const fault = faults[index];
        if (fault === '') done();
        else failed(new CellarError('store-unavailable', `the key of task ${update.id}: ${fault ?? 'no answer'}`));
      }
    } catch (error) {
      for (const { failed } of some) failed(error);
    }
  }

  return (update: ResultUpdate): Promise<void> => {
    if (waiting.length === 0) queueMicrotask(flush);
    return new Promise((done, failed) => waiting.push({ update, done, failed }));
  };
}

function argumentsOf(update: ResultUpdate, at: number): readonly (string | number)[] {
  const { generation, retries } = update.attempt;
  const text = encodeMeta(update, Math.floor(at / 1000));
  return [text, precedence(update.state), generation, retries, at, update.id];
}

/** Times of changes in µs, each later than the one before, so that those of one millisecond keep their order. */
function risingChanges(now: () => number): () => number {
  let last = 0;
  return () => {
    last = Math.max(last + 1, now() * 1000);
    return last;
  };
}
