/** Tries a call again: the one place where calls to AWS are repeated. */
import { type Runtime, sleep } from '../../clock.ts';
import { AwsCallError } from '../calls.ts';

const MOST_TRIES = 3;
const FIRST_BACKOFF_MS = 100;

/** What a call ends with whose signal fired. */
export function abortError(): DOMException {
  return new DOMException('the call was aborted', 'AbortError');
}

/**
 * Runs `attempt` until it succeeds, fails for good, or was tried three times; waits between tries with full jitter
 * (AWS Architecture Blog, "Exponential Backoff And Jitter").
 * @throws what the last try threw; an `AbortError` at once when the signal fires
 */
export async function withTries<Result>(
  attempt: () => Promise<Result>,
  { clock, random }: Pick<Runtime, 'clock' | 'random'>,
  signal: AbortSignal | undefined,
): Promise<Result> {
  for (let tries = 1; ; tries++) {
    if (signal?.aborted === true) throw abortError();
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof AwsCallError) || !error.isPassing || tries === MOST_TRIES) throw error;
    }
    await sleep(clock, random() * FIRST_BACKOFF_MS * 2 ** tries, signal);
  }
}
