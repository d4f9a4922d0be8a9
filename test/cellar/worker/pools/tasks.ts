/** Contracts of the tasks that run in children. */
import * as z from 'zod/mini';
import { task } from '../../../../shared/cellar/index.ts';

const queue = 'work';

/** Answers what it was given. */
export const echo = task('pools.echo', { params: { value: z.any() }, queue });
/** Answers where it runs, and how often the context was opened there. */
export const where = task('pools.where', { params: {}, queue });
/** Sends in every way that a handler can; answers the ids. */
export const sender = task('pools.sender', { params: {}, queue });
/** Sends a chord of two `double` whose body is `sum`; answers the body's id. */
export const workflow = task('pools.workflow', { params: {}, returns: z.string(), queue });
export const double = task('pools.double', { params: { value: z.number() }, returns: z.number(), queue });
export const sum = task('pools.sum', { params: { values: z.array(z.number()) }, returns: z.number(), queue });
/** Blocks its event loop for ever. */
export const block = task('pools.block', { params: {}, queue, timeLimitSeconds: 0.5 });
/** As `block`, and comes again once. */
export const blockAgain = task('pools.blockAgain', {
  params: {},
  queue,
  timeLimitSeconds: 0.3,
  retry: { maxRetries: 1, delaySeconds: 0 },
});
/** Waits for its signal; answers why it fired. */
export const patient = task('pools.patient', { params: {}, queue, softTimeLimitSeconds: 0.2 });
/** Notes that it runs in a file, and ends its child in one of the ways as long as the file has less than `times` lines. */
export const deadly = task('pools.deadly', {
  params: { file: z.string(), times: z.int(), how: z.enum(['exit', 'SIGKILL', 'throw later']) },
  queue,
  once: true,
});
/** Throws. */
export const fail = task('pools.fail', { params: { what: z.string() }, queue });
/** Comes again where it throws what the policy is for. */
export const again = task('pools.again', {
  params: { name: z.string() },
  queue,
  retry: { maxRetries: 2, delaySeconds: 0, when: (error) => error instanceof Error && error.name === 'Busy' },
});
/** Returns what JSON does not take. */
export const wrong = task('pools.wrong', { params: {}, queue });
/** Returns what its schema does not take. */
export const typed = task('pools.typed', { params: {}, returns: z.int(), queue });
/** Returns a directive. */
export const direct = task('pools.direct', { params: { what: z.enum(['retry', 'reject', 'ignore']) }, queue });
/** Holds so many MiB for ever. */
export const hoard = task('pools.hoard', { params: { mib: z.int() }, queue });
/** Sends with the client of its context, and reads a result. */
export const client = task('pools.client', { params: { known: z.string() }, queue });
