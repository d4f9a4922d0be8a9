import type { StopSignal } from './cli-io.ts';
import type { CommandContext } from './command.ts';

/** What ends a long-lived command, each more urgent than the one before. */
export interface Stops {
  /** Fires at the first signal, or when nobody reads the output any more. */
  readonly warm: AbortSignal;
  /** Fires at the second signal, and at the first SIGQUIT. */
  readonly cold: AbortSignal;
  /** Fires at the signal after that: no grace is left. */
  readonly now: AbortSignal;
}

/** Runs something that lasts until a signal, and gives the signals back after it. */
export async function untilStopped<T>({ io, output }: CommandContext, run: (stops: Stops) => Promise<T>): Promise<T> {
  const [warm, cold, now] = [new AbortController(), new AbortController(), new AbortController()];
  const levels = [warm, cold, now];
  let level = 0;
  const onSignal = (signal: StopSignal): void => {
    level = Math.max(level + 1, signal === 'SIGQUIT' ? 2 : 1);
    for (const controller of levels.slice(0, level)) controller.abort();
  };
  const onGone = (): void => warm.abort();
  const off = io.onStopSignal(onSignal);
  output.gone.addEventListener('abort', onGone, { once: true });
  try {
    return await run({ warm: warm.signal, cold: cold.signal, now: now.signal });
  } finally {
    off();
    output.gone.removeEventListener('abort', onGone);
  }
}

/** Resolves when the signal has fired. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
