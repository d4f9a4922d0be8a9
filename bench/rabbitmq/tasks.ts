import { task, topology } from 'cellar';
import * as z from 'zod/mini';
import { QUEUE, type QueueKind } from './scenario.ts';

export const declared = (type: QueueKind) => topology({ queues: { [QUEUE]: { type } } });
const params = { at: z.number(), text: z.string() };
export const ignored = task('bench.ignored', { params, queue: QUEUE, ignoreResult: true });
export const kept = task('bench.kept', { params, queue: QUEUE });
export const stamped = task('bench.stamped', { params, queue: QUEUE, ignoreResult: true });
