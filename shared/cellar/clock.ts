/**
 * Time, chance and identity, as the core sees them.
 *
 * Nothing in the library reads the system clock, a random source or an id generator by itself: each
 * takes a {@link Runtime}, so that a simulator can drive it with virtual time and a seed.
 */
import { randomUUID } from 'node:crypto';

export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `callback` once, no earlier than `delayMs` from now; the returned function cancels it. */
  setTimer(delayMs: number, callback: () => void): () => void;
}

export interface Runtime {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** A new id, unique among all processes: a UUID whose order is that of its making (version 7, RFC 9562). */
  readonly newId: () => string;
}

/** Longest delay that one timer of Node holds (2^31 - 1 ms); longer waits are chained. */
const LONGEST_TIMER_MS = 2_147_483_647;

const systemClock: Clock = {
  now: () => Date.now(),
  setTimer(delayMs, callback) {
    let timer: NodeJS.Timeout;
    const arm = (leftMs: number): void => {
      const step = Math.min(Math.max(leftMs, 0), LONGEST_TIMER_MS);
      timer = setTimeout(() => (leftMs > step ? arm(leftMs - step) : callback()), step);
    };
    arm(delayMs);
    return () => clearTimeout(timer);
  },
};

/**
 * Ids that rise with time, so that what is stored by id is written side by side instead of all over an index:
 * 48 bits of milliseconds, 12 bits that count within one, 62 bits of chance.
 */
function risingIds(now: () => number): () => string {
  let lastMs = 0;
  let count = 0;
  let prefix = '';
  return () => {
    const nowMs = now();
    count++;
    if (nowMs > lastMs || count > 0xfff) {
      lastMs = Math.max(nowMs, lastMs + 1);
      count = 0;
      const hex = lastMs.toString(16).padStart(12, '0');
      prefix = `${hex.slice(0, 8)}-${hex.slice(8)}-7`;
    }
    return prefix + count.toString(16).padStart(3, '0') + randomUUID().slice(18);
  };
}

/** The real clock, random source and id source. */
export const systemRuntime: Runtime = { clock: systemClock, random: Math.random, newId: risingIds(systemClock.now) };

/** Resolves after `delayMs`, or at once when `signal` aborts. */
export function sleep(clock: Clock, delayMs: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) return resolve();
    const done = (): void => {
      cancel();
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const cancel = clock.setTimer(delayMs, done);
    signal?.addEventListener('abort', done, { once: true });
  });
}
