import { task } from 'cellar';
import * as z from 'zod/mini';

/** Sends a `second` through the outbox, so that its worker publishes too. */
export const first = task('watchdog.first', {
  params: { number: z.int(), file: z.string() },
  queue: 'work',
  ignoreResult: true,
});
/** Notes its number in a file. */
export const second = task('watchdog.second', {
  params: { number: z.int(), file: z.string() },
  queue: 'work',
  ignoreResult: true,
});
