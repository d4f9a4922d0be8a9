/** Claims of runs of tasks marked `once`: a key each, whose life is the lease. */
import type { Clock } from '../../clock.ts';
import type { Claim, ResultStore } from '../../result-store.ts';
import { decodeMeta } from '../task-meta.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';
import { READY_RANKS, STATE_OF } from './stored-state.ts';

type Key = Parameters<ResultStore['claim']>[0];

/**
 * KEYS: the task, the claim. ARGV: generation, retries, owner, ms of the lease. Answers the stored JSON where it is the
 * outcome of this attempt (`isOutcomeOf` of result-precedence.ts; an end that Celery stored is that of every attempt before a
 * redrive), else how long another still holds the claim in ms, else 0.
 */
const CLAIM = script(`${STATE_OF}${READY_RANKS}
local stored = redis.call('GET', KEYS[1])
if stored then
  local state, storedGeneration, storedRetries = stateOf(stored)
  local generation, retries = tonumber(ARGV[1]), tonumber(ARGV[2])
  local isReady = rankOf[state]
  if not storedGeneration then
    storedGeneration, storedRetries = 0, isReady and retries or 0
  end
  if storedGeneration > generation or (storedGeneration == generation and (storedRetries > retries
    or (storedRetries == retries and (isReady or state == 'RETRY')))) then return stored end
end
local owner = redis.call('GET', KEYS[2])
if owner and owner ~= ARGV[3] then return redis.call('PTTL', KEYS[2]) end
redis.call('SET', KEYS[2], ARGV[3], 'PX', ARGV[4])
return 0`);

/** KEYS: claims. ARGV: the owner. */
const UNCLAIM = script(`
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then redis.call('DEL', key) end
end
return 0`);

export interface ClaimParts {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: Clock;
}

export function redisClaims({ connection, keys, clock }: ClaimParts): Pick<ResultStore, 'claim' | 'unclaim'> {
  return {
    async claim(key: Key, owner: string, leaseSeconds: number): Promise<Claim> {
      const { id, generation, retries } = key;
      const leaseMs = Math.max(1, Math.ceil(leaseSeconds * 1000));
      const answer = await connection.run(
        CLAIM,
        [keys.task(id), keys.claim(key)],
        [generation, retries, owner, leaseMs],
      );
      if (typeof answer === 'string') return { kind: 'done', result: decodeMeta(id, answer, clock.now()) };
      const heldMs = Number(answer);
      return heldMs > 0 ? { kind: 'running', untilMs: clock.now() + heldMs } : { kind: 'claimed' };
    },
    async unclaim(some, owner) {
      if (some.length > 0) await connection.run(UNCLAIM, some.map(keys.claim), [owner]);
    },
  };
}
