/** Bounds what one try may take. */
import type { Clock } from '../../clock.ts';
import { abortError } from './with-tries.ts';

export interface Limit {
  readonly clock: Clock;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/**
 * Runs `work` with a signal that ends it; does not wait for work that does not end.
 * @throws `TimeoutError` when the time is over, `AbortError` when the caller's signal fires
 */
export async function within<Result>(
  { clock, timeoutMs, signal }: Limit,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const controller = new AbortController();
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = (reason: DOMException) => {
    controller.abort(reason);
    reject(reason);
  };
  const aborted = () => end(abortError());
  const cancel = clock.setTimer(timeoutMs, () =>
    end(new DOMException(`no answer within ${timeoutMs} ms`, 'TimeoutError')),
  );
  signal?.addEventListener('abort', aborted, { once: true });
  try {
    return await Promise.race([ended, work(controller.signal)]);
  } finally {
    cancel();
    signal?.removeEventListener('abort', aborted);
  }
}
