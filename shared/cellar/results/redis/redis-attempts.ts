import type { AttemptCounter } from '../../backend.ts';
import type { Runtime } from '../../clock.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';
import { script } from './script.ts';

/** As long as a queue keeps a message. */
const KEPT_SECONDS = 15 * 86_400;

/** KEYS: the starts of a message. ARGV: a name of this start, seconds that it is kept. */
const BEGIN = script(`
redis.call('SADD', KEYS[1], ARGV[1])
redis.call('EXPIRE', KEYS[1], ARGV[2])
return redis.call('SCARD', KEYS[1])`);

/** A set of starts a message, not a number: a start that is noted twice, because the answer was lost, counts once. */
export function redisAttempts(connection: RedisConnection, keys: Keys, { newId }: Runtime): AttemptCounter {
  return {
    async begin(messageId) {
      return Number(await connection.run(BEGIN, [keys.starts(messageId)], [newId(), KEPT_SECONDS]));
    },
    async unfinished(messageIds) {
      const counts = await connection.call((redis) =>
        Promise.all(messageIds.map((messageId) => redis.exists(keys.starts(messageId)))),
      );
      return new Set(messageIds.filter((_, index) => counts[index] === 1));
    },
    async ended(messageId) {
      await connection.call((redis) => redis.spop(keys.starts(messageId)));
    },
  };
}
