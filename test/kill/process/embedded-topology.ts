import { task, topology } from 'cellar';
import * as z from 'zod/mini';

/** Sends two `child` tasks through the outbox. */
export const parent = task('kill.parent', { params: { number: z.int() }, returns: z.int(), queue: 'parents' });
export const child = task('kill.child', { params: { number: z.int(), index: z.int() }, queue: 'children' });

/**
 * A kill counts as a delivery without an outcome for everything that the process had taken; with so many kills on
 * purpose that count must not decide. No visibility timeout runs out within a test: what a dead process held comes back
 * because it is dead.
 */
const queue = { visibilityTimeoutSeconds: 600, maxDeliveries: 1000 };

export const killTopology = topology({ queues: { parents: queue, children: queue } });
