/** A worker that computes: no context, no children, nobody waits for its result. */
import { task, topology, worker } from 'cellar';
import { lambdaWorker } from 'cellar/lambda';
import * as z from 'zod/mini';

const add = task('math.add', {
  params: { x: z.int(), y: z.int() },
  returns: z.int(),
  queue: 'math',
  ignoreResult: true,
});
const math = worker({ queue: 'math' });
const addHandler = math.handle(add, (_context, { x, y }) => x + y);

export const handler = lambdaWorker({ topology: topology({ queues: { math: {} } }), handlers: [addHandler] });
