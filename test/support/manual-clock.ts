import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Clock, Runtime } from '../../shared/cellar/clock.ts';

/** A clock that stands still until the test moves it. */
export interface ManualClock extends Clock {
  /** Moves time on, firing each timer at its time; what the timers start is awaited as far as it needs no time. */
  advance(ms: number): Promise<void>;
  /** Lets work go on that needs no time to pass. */
  settle(): Promise<void>;
}

interface Timer {
  readonly atMs: number;
  readonly callback: () => void;
}

/** Enough for a call that waits for a transaction, is told of it, and starts another. */
const TURNS = 6;

export function manualClock(startMs = 1_790_000_000_000): ManualClock {
  const timers = new Set<Timer>();
  let nowMs = startMs;

  function nextTimer(untilMs: number): Timer | undefined {
    let first: Timer | undefined;
    for (const timer of timers) {
      if (timer.atMs <= untilMs && (first === undefined || timer.atMs < first.atMs)) first = timer;
    }
    return first;
  }

  async function settle(): Promise<void> {
    for (let turn = 0; turn < TURNS; turn++) await nextTurn();
  }

  return {
    now: () => nowMs,
    setTimer(delayMs, callback) {
      const timer = { atMs: nowMs + Math.max(delayMs, 0), callback };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    async advance(ms) {
      const untilMs = nowMs + ms;
      await settle();
      for (let timer = nextTimer(untilMs); timer !== undefined; timer = nextTimer(untilMs)) {
        timers.delete(timer);
        nowMs = Math.max(nowMs, timer.atMs);
        timer.callback();
        await nextTurn();
      }
      nowMs = untilMs;
      await settle();
    },
    settle,
  };
}

/** A runtime whose time the test moves and whose chance is the same in every run. */
export function manualRuntime(clock: ManualClock): Runtime {
  let state = 42;
  let ids = 0;
  return {
    clock,
    random: () => {
      state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
      return state / 2 ** 32;
    },
    newId: () => `00000000-0000-4000-8000-${String(++ids).padStart(12, '0')}`,
  };
}
