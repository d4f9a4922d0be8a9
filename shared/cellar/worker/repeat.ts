import type { Clock } from '../clock.ts';

/** Calls back every so often until the function that it answers is called. */
export function repeat(clock: Clock, everyMs: number, call: () => void): () => void {
  let cancel = (): void => undefined;
  const arm = (): void => {
    cancel = clock.setTimer(everyMs, () => {
      arm();
      call();
    });
  };
  arm();
  return () => cancel();
}
