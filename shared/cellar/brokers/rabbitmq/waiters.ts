import type { Clock } from '../../clock.ts';

/** Those who wait for the same thing. */
export class Waiters<T> {
  readonly #waiting = new Set<(value: T | undefined) => void>();

  /** What comes next; `undefined` when the time is over or the signal aborts before. */
  next(
    limit: { readonly clock: Clock; readonly withinMs: number } | { readonly signal: AbortSignal },
  ): Promise<T | undefined> {
    return new Promise((resolve) => {
      const end = (): void => answer(undefined);
      const answer = (value: T | undefined): void => {
        this.#waiting.delete(answer);
        stopWaiting();
        resolve(value);
      };
      this.#waiting.add(answer);
      const stopWaiting = 'clock' in limit ? limit.clock.setTimer(limit.withinMs, end) : onAbort(limit.signal, end);
    });
  }

  /** Ends all waits with this. */
  answer(value: T | undefined): void {
    for (const answer of [...this.#waiting]) answer(value);
  }
}

function onAbort(signal: AbortSignal, end: () => void): () => void {
  signal.addEventListener('abort', end, { once: true });
  return () => signal.removeEventListener('abort', end);
}
