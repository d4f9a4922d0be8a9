import type { Cellar } from '../cellar.ts';
import { CellarError } from '../errors.ts';
import type { StoredResult } from '../result-store.ts';
import type { CommandContext } from './command.ts';

/** How long one wait lasts before the progress line changes. */
const STEP_MS = 1_000;
export const DEFAULT_WAIT_SECONDS = 60;

/**
 * Waits until a task has come to its end, with a progress line for a person.
 * @throws CellarError `timeout`; `closed` when nobody reads the output any more
 */
export async function waitForResult(
  { output, io }: CommandContext,
  { results }: Pick<Cellar, 'results'>,
  { id, timeoutSeconds = DEFAULT_WAIT_SECONDS }: { readonly id: string; readonly timeoutSeconds: number | undefined },
): Promise<StoredResult> {
  const { clock } = io.runtime;
  const startMs = clock.now();
  const endMs = startMs + timeoutSeconds * 1000;
  for (;;) {
    const timeoutMs = Math.max(0, Math.min(STEP_MS, endMs - clock.now()));
    const stored = await results.wait(id, { timeoutMs, signal: output.gone });
    if (stored !== undefined) return stored;
    if (output.gone.aborted) throw new CellarError('closed', 'the output was closed');
    const state = (await results.get([id]))[0]?.state ?? 'PENDING';
    if (clock.now() >= endMs) {
      throw new CellarError('timeout', `task ${id} is ${state} after ${timeoutSeconds} s; it may still run`);
    }
    output.progress(`waiting for ${id}: ${state}, ${Math.round((clock.now() - startMs) / 1000)} s`);
  }
}
