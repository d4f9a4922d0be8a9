/** Waits for results: each task's changes are told on the channel of its key, as Celery's client hears them; nothing polls. */
import type { Redis } from 'ioredis';
import { openResultWaiters } from '../../brokers/result-waiters.ts';
import type { Clock } from '../../clock.ts';
import type { ResultStore, StoredResult } from '../../result-store.ts';
import { decodeMeta } from '../task-meta.ts';
import type { RedisConnection } from './connection.ts';
import type { Keys } from './keys.ts';

/** How often the connection is tried while somebody waits, so that a dead one is noticed. */
const TRY_EVERY_MS = 5_000;

export interface ResultSubscriptions {
  /** @throws CellarError `store-unavailable`, `bad-message` */
  wait(id: string, options: Parameters<ResultStore['wait']>[1]): Promise<StoredResult | undefined>;
  /** Ends all waits with nothing. */
  close(): void;
}

export interface SubscriptionParts {
  readonly connection: RedisConnection;
  readonly keys: Keys;
  readonly clock: Clock;
  /** Reads what is stored of one task. */
  readonly look: (id: string) => Promise<StoredResult | undefined>;
}

/** One more connection for all who wait in this process, made when the first does. */
export function openSubscriptions({ connection, keys, clock, look }: SubscriptionParts): ResultSubscriptions {
  const waiters = openResultWaiters(clock);
  /** What ends the waits for an id with a fault. */
  const faults = new Map<string, PromiseWithResolvers<never>>();
  let subscriber: Redis | undefined;
  let cancelTry: (() => void) | undefined;

  function open(): Redis {
    const redis = connection.another();
    redis.on('message', (channel: string, text: string) => {
      const id = channel.slice(keys.task('').length);
      void tell(id, async () => decodeMeta(id, text, clock.now()));
    });
    // What was told while the connection was away was told to nobody; the driver subscribes again by itself.
    redis.on('ready', () => {
      for (const id of waiters.ids()) void tell(id, () => look(id));
    });
    return redis;
  }

  /** Ends the waits for an id with what was read of it, if it is ready, or with the fault that this met. */
  async function tell(id: string, read: () => Promise<StoredResult | undefined>): Promise<void> {
    try {
      const result = await read();
      if (result !== undefined) waiters.notify(result);
    } catch (error) {
      faultOf(id).reject(error);
      faults.delete(id);
    }
  }

  function faultOf(id: string): PromiseWithResolvers<never> {
    const known = faults.get(id);
    if (known !== undefined) return known;
    const fault = Promise.withResolvers<never>();
    fault.promise.catch(() => undefined); // by then perhaps nobody waits any more
    faults.set(id, fault);
    return fault;
  }

  async function subscribe(id: string): Promise<StoredResult | undefined> {
    subscriber ??= open();
    await connection.call((to) => to.subscribe(keys.task(id)), subscriber);
    return await look(id); // after the subscription: what comes from now on is told
  }

  function keepTrying(): void {
    cancelTry ??= clock.setTimer(TRY_EVERY_MS, () => {
      cancelTry = undefined;
      if (waiters.ids().length === 0) return;
      // A dead connection is made again, and then all look; nobody need hear of it.
      connection.call((to) => to.ping(), subscriber).catch(() => undefined);
      keepTrying();
    });
  }

  function leave(id: string): void {
    if (waiters.isWaitedFor(id)) return;
    faults.delete(id);
    subscriber?.unsubscribe(keys.task(id)).catch(() => undefined); // while it is away it has no subscription
  }

  return {
    async wait(id, { timeoutMs, signal }) {
      const ended = new AbortController();
      const either = signal === undefined ? ended.signal : AbortSignal.any([signal, ended.signal]);
      const waited = waiters.wait(id, { timeoutMs, signal: either });
      if (!waiters.isWaitedFor(id)) return await waited; // its time is over, or it was aborted
      const fault = faultOf(id);
      void tell(id, () => subscribe(id));
      keepTrying();
      try {
        return await Promise.race([waited, fault.promise]);
      } finally {
        ended.abort();
        leave(id);
      }
    },
    close() {
      cancelTry?.();
      waiters.close();
    },
  };
}
