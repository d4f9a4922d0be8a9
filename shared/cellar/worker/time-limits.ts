/** Runs a handler under its soft and hard time limit. */
import type { Clock } from '../clock.ts';
import { NamedException } from '../exception.ts';

export interface TimeLimits {
  readonly hardSeconds: number | null;
  readonly softSeconds: number | null;
}

/**
 * Awaits `run`; at the soft limit `onSoft` is called, at the hard limit the promise rejects with
 * TimeLimitExceeded and the run is abandoned: what it still does has no effect on its message.
 */
export function withTimeLimits(
  run: () => unknown,
  { hardSeconds, softSeconds }: TimeLimits,
  { clock, onSoft }: { readonly clock: Clock; readonly onSoft: (reason: Error) => void },
): unknown {
  if (hardSeconds === null && softSeconds === null) return run();
  return new Promise((resolve, reject) => {
    const cancels: (() => void)[] = [];
    if (softSeconds !== null) {
      const late = new NamedException('SoftTimeLimitExceeded', `soft time limit of ${softSeconds} s exceeded`, [
        softSeconds,
      ]);
      cancels.push(clock.setTimer(softSeconds * 1000, () => onSoft(late)));
    }
    if (hardSeconds !== null) {
      const late = hardLimitExceeded(hardSeconds);
      cancels.push(clock.setTimer(hardSeconds * 1000, () => settle(() => reject(late))));
    }
    const settle = (finish: () => void): void => {
      for (const cancel of cancels) cancel();
      finish();
    };
    Promise.try(run).then(
      (value) => settle(() => resolve(value)),
      (error: unknown) => settle(() => reject(error)),
    );
  });
}

/** What a task fails with at its hard limit. */
export function hardLimitExceeded(seconds: number): NamedException {
  return new NamedException('TimeLimitExceeded', `time limit of ${seconds} s exceeded`, [seconds]);
}
