/** A worker process of Cellar for the benchmark: `node cellar-worker.ts`, settings in the environment, a parent to talk to. */
import process from 'node:process';
import { Cellar, startWorker, worker } from 'cellar';
import { declared, ignored, kept, stamped } from './tasks.ts';

const now = (): number => performance.timeOrigin + performance.now();
const bench = worker({ queue: 'bench', concurrency: 2 });
const handlers = [
  bench.handle(ignored, () => undefined),
  bench.handle(kept, () => undefined),
  bench.handle(stamped, (_context, { at }) => void process.send?.({ latencyMs: now() - at })),
];

const kind = process.env['BENCH_QUEUE_KIND'] === 'classic' ? 'classic' : 'quorum';
const cellar = await Cellar.open({ topology: declared(kind) });
const running = await startWorker(cellar, {
  worker: bench,
  handlers: new Map(handlers.map((handler) => [handler.contract.name, handler])),
});
process.once('SIGTERM', async () => {
  await running.stop();
  await cellar.close();
  process.exit(0);
});
process.send?.({ ready: true });
