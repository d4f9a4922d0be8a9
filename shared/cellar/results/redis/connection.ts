/** One Redis server for one store: every call ends within its time, also while the server is away. */
import { readFile } from 'node:fs/promises';
import type { Redis, RedisOptions } from 'ioredis';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError, messageOf } from '../../exception.ts';
import type { RedisLocation } from './redis-url.ts';
import type { Script } from './script.ts';

export interface RedisConnection {
  /**
   * Does `work` on the connection. While the server is away a call waits for it; what was sent and not answered when the
   * connection broke is sent again, so that `work` must be right when it takes effect twice. A server that takes and does
   * not answer is left, for a new connection.
   * @param on @default the connection that all share
   * @throws CellarError `store-unavailable` when it is not done after 10 s, or was refused; `closed`
   */
  call<Answer>(work: (redis: Redis) => Promise<Answer>, on?: Redis): Promise<Answer>;
  /** Runs a script, as `call`. */
  run(script: Script, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>;
  /** Makes a second connection to the same server, not connected yet, which ends with this one. */
  another(): Redis;
  close(): Promise<void>;
}

const CALL_WITHIN_MS = 10_000;
const CONNECT_WITHIN_MS = 5_000;
const DISCONNECT_WITHIN_MS = 500;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
/** After so many vain tries to connect, about 10 s, what waits for the connection is told. */
const MOST_TRIES = 12;

/**
 * Connects, and answers when the server does.
 * @throws CellarError `store-unavailable`; `bad-settings` where it refuses the user, password or database; `not-supported`
 * without the package ioredis. None shows a password.
 */
export async function openConnection(location: RedisLocation, runtime: Runtime): Promise<RedisConnection> {
  const { Redis } = await loadDriver();
  const options = await optionsOf(location, runtime);
  const place = `${location.host}:${location.port}`;
  const all: Redis[] = [];
  let lastFault = 'it did not answer';
  let isClosed = false;

  function another(): Redis {
    const redis = new Redis(options);
    // The calls that it keeps waiting are told; without a listener the driver prints it.
    redis.on('error', (error) => {
      lastFault = describeError(error);
    });
    all.push(redis);
    return redis;
  }

  const redis = another();
  const faultOf = (error: unknown): CellarError => {
    if (error instanceof CellarError) return error;
    return new CellarError('store-unavailable', `the Redis at ${place}: ${reasonOf(error, lastFault)}`);
  };

  async function call<Answer>(work: (redis: Redis) => Promise<Answer>, on = redis): Promise<Answer> {
    if (isClosed) throw new CellarError('closed', 'the result store is closed');
    const { promise: late, reject } = Promise.withResolvers<never>();
    const cancel = runtime.clock.setTimer(CALL_WITHIN_MS, () => {
      if (on.status === 'ready') on.disconnect(true);
      reject(new LateError());
    });
    try {
      return await Promise.race([work(on), late]);
    } catch (error) {
      throw faultOf(error);
    } finally {
      cancel();
    }
  }

  const connection: RedisConnection = {
    call,
    another,
    run: (script, keys, args) => call((to) => evaluate(to, script, [keys.length, ...keys, ...args])),
    async close() {
      if (isClosed) return;
      isClosed = true;
      await Promise.all(all.map((one) => end(one, runtime)));
    },
  };
  try {
    await call((to) => to.select(location.db)); // the driver goes on in database 0 where this is refused
  } catch (error) {
    await connection.close();
    const text = messageOf(error);
    throw REFUSALS.test(text) ? new CellarError('bad-settings', text) : error;
  }
  return connection;
}

const REFUSALS = /\b(NOAUTH|WRONGPASS|NOPERM|invalid password|DB index is out of range)\b/;

/** No answer in time. */
class LateError extends Error {}

/** The driver's own texts for "no connection" say less than what it met. */
function reasonOf(error: unknown, lastFault: string): string {
  const name = error instanceof Error ? error.name : '';
  if (error instanceof LateError) return `no answer within ${CALL_WITHIN_MS} ms, ${lastFault}`;
  return name === 'MaxRetriesPerRequestError' || name === 'AbortError' ? lastFault : messageOf(error);
}

async function evaluate(redis: Redis, { sha, lua }: Script, rest: readonly (string | number)[]): Promise<unknown> {
  try {
    return await redis.call('evalsha', sha, ...rest);
  } catch (error) {
    if (!messageOf(error).startsWith('NOSCRIPT')) throw error;
    return await redis.call('eval', lua, ...rest); // the first time, and after the server was started again
  }
}

/** Lets answers come that are under way; a server that is away is not waited for. */
async function end(redis: Redis, { clock }: Runtime): Promise<void> {
  if (redis.status !== 'ready') return redis.disconnect();
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const cancel = clock.setTimer(FIRST_PAUSE_MS * MOST_TRIES, resolve);
  await Promise.race([redis.quit().catch(() => undefined), late]); // it is gone: closed all the same
  cancel();
  redis.disconnect();
}

/** The driver is an optional peer. */
async function loadDriver() {
  try {
    return await import('ioredis');
  } catch (error) {
    const text = `results in Redis need the package ioredis: ${describeError(error)}`;
    throw new CellarError('not-supported', text, { cause: error });
  }
}

async function optionsOf(location: RedisLocation, { random }: Runtime): Promise<RedisOptions> {
  const { host, port, username, password, db, tls } = location;
  return {
    host,
    port,
    db,
    ...(username === undefined ? undefined : { username }),
    ...(password === undefined ? undefined : { password }),
    ...(tls === undefined ? undefined : { tls: await tlsOf(tls) }),
    lazyConnect: true,
    disableClientInfo: true,
    connectTimeout: CONNECT_WITHIN_MS,
    disconnectTimeout: DISCONNECT_WITHIN_MS,
    keepAlive: CALL_WITHIN_MS,
    maxRetriesPerRequest: MOST_TRIES,
    retryStrategy: (tries) => Math.min(FIRST_PAUSE_MS * 2 ** (tries - 1), LONGEST_PAUSE_MS) * (0.5 + random()),
  };
}

async function tlsOf({ isVerified, caFile }: NonNullable<RedisLocation['tls']>) {
  if (caFile === undefined) return { rejectUnauthorized: isVerified };
  try {
    return { rejectUnauthorized: isVerified, ca: await readFile(caFile) };
  } catch (error) {
    throw new CellarError('bad-settings', `the result backend's ssl_ca_certs: ${describeError(error)}`);
  }
}
