import { type Runtime, systemRuntime } from '../../../../shared/cellar/clock.ts';

/** So that the ten seconds of a try are one. */
const HURRY = 10;

export interface HurriedRuntime extends Runtime {
  /** Every timer that was set, in its own milliseconds. */
  readonly timers: readonly number[];
}

/** A runtime whose timers fire early and whose chance is one half. */
export function hurriedRuntime(): HurriedRuntime {
  const timers: number[] = [];
  return {
    ...systemRuntime,
    timers,
    random: () => 0.5,
    clock: {
      now: systemRuntime.clock.now,
      setTimer(delayMs, callback) {
        timers.push(delayMs);
        return systemRuntime.clock.setTimer(delayMs / HURRY, callback);
      },
    },
  };
}
