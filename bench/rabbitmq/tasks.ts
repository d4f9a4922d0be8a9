import { task, topology } from 'cellar';
import * as z from 'zod/mini';
import { QUEUE } from './scenario.ts';

/** The same kind of queue as Celery declares: classic. */
export const declared = topology({ queues: { [QUEUE]: { type: 'classic' } } });
const params = { at: z.number(), text: z.string() };
export const ignored = task('bench.ignored', { params, queue: QUEUE, ignoreResult: true });
export const kept = task('bench.kept', { params, queue: QUEUE });
export const stamped = task('bench.stamped', { params, queue: QUEUE, ignoreResult: true });
