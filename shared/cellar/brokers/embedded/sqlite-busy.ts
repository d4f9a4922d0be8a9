import { types } from 'node:util';
import type { Runtime } from '../../clock.ts';
import { sleep } from '../../clock.ts';

/** SQLITE_BUSY and SQLITE_LOCKED (https://sqlite.org/rescode.html); extended codes carry them in the low byte. */
const BUSY_CODES: ReadonlySet<number> = new Set([5, 6]);
/** How long one call may meet a busy file before it gives up. */
const PATIENCE_MS = 10_000;

/** Whether another connection holds the file right now, so that the same call may succeed later. */
export function isBusy(error: unknown): boolean {
  return (
    types.isNativeError(error) &&
    'errcode' in error &&
    typeof error.errcode === 'number' &&
    BUSY_CODES.has(error.errcode & 0xff)
  );
}

/** What a fault says; asked of the value and not of its class, because node's own errors may come from another realm. */
export function describeFault(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

/** Calls `work` until the file is free: it never blocks the event loop, and gives up after ten seconds. */
export async function retryWhileBusy<T>(runtime: Runtime, work: () => T, onBusy?: () => void): Promise<T> {
  const giveUpAt = runtime.clock.now() + PATIENCE_MS;
  for (;;) {
    try {
      return work();
    } catch (error) {
      if (!isBusy(error) || runtime.clock.now() >= giveUpAt) throw error;
      onBusy?.();
      await sleep(runtime.clock, 1 + runtime.random());
    }
  }
}
