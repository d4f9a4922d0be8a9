import { task, topology } from 'cellar';
import * as z from 'zod/mini';

/** Sends two `child` tasks through the outbox. */
export const parent = task('kill.parent', { params: { number: z.int() }, returns: z.int(), queue: 'parents' });
/** What it does may be done only by one at a time, and once. A claim of a dead run ends 30 s after its time limit. */
export const child = task('kill.child', {
  params: { number: z.int(), index: z.int() },
  queue: 'children',
  once: true,
  timeLimitSeconds: 1,
});

/** With so many kills on purpose the count of deliveries must not decide. */
const queue = { maxDeliveries: 1000 };

export const killTopology = topology({ queues: { parents: queue, children: queue } });
