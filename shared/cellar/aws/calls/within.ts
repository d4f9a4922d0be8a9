/** Bounds what one try may take. */
import type { Clock } from '../../clock.ts';
import { abortError } from './with-tries.ts';

export interface Limit {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that fires when the time is over, with a `TimeoutError`, or when the caller's signal does,
 * with an `AbortError`.
 */
export async function within<Result>(
  { clock, timeoutMs, signal }: Limit,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const late = () => controller.abort(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError'));
  const aborted = () => controller.abort(abortError());
  const cancel = clock.setTimer(timeoutMs, late);
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await work(controller.signal);
  } finally {
    cancel();
    signal?.removeEventListener('abort', aborted);
  }
}
