import type { CommandContext } from './command.ts';

/** What ends a long-lived command. */
export interface Stops {
  /** Fires at the first signal, or when nobody reads the output any more. */
  readonly warm: AbortSignal;
  /** Fires at the second signal. */
  readonly cold: AbortSignal;
}

/** Runs something that lasts until a signal, and gives the signals back after it. */
export async function untilStopped<T>({ io, output }: CommandContext, run: (stops: Stops) => Promise<T>): Promise<T> {
  const warm = new AbortController();
  const cold = new AbortController();
  const onSignal = (): void => (warm.signal.aborted ? cold : warm).abort();
  const onGone = (): void => warm.abort();
  const off = io.onStopSignal(onSignal);
  output.gone.addEventListener('abort', onGone, { once: true });
  try {
    return await run({ warm: warm.signal, cold: cold.signal });
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
