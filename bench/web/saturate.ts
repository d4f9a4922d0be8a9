/** Sends and runs tasks on the shop's own file as fast as it can, until it is killed. */
import { Cellar, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';

const BATCH = 500;
const noop = task('bench.noop', { params: { text: z.string() }, queue: 'bench' });
const bench = worker({ queue: 'bench', concurrency: 32 });
const cellar = await Cellar.open({
  topology: topology({ queues: { bench: {} } }),
  handlers: [bench.handle(noop, () => undefined)],
});
process.stdout.write('saturating\n');
for (;;) await cellar.sendAll(Array.from({ length: BATCH }, () => noop({ text: 'x'.repeat(100) })));
