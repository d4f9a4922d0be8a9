/** The worker that is fuzzed: `node main.ts <broker URL> <log>`; notes each run's mark in a line of the log. */
import { appendFileSync } from 'node:fs';
import process from 'node:process';
import { Cellar, loadSettings, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';

const [broker = '', log = ''] = process.argv.slice(2);
const work = worker({ queue: 'celery' });
const note = (mark: unknown): void => appendFileSync(log, `${String(mark)}\n`);

const good = task('fuzz.good', { params: { number: z.int() }, returns: z.int() });
const add = task('proj.tasks.add', { params: { x: z.unknown(), y: z.unknown() } });

const cellar = await Cellar.open({
  settings: loadSettings({ CELLAR_BROKER_URL: broker, CELLAR_LOG_LEVEL: 'error' }),
  topology: topology({ queues: { celery: { type: 'classic' } } }),
  handlers: [
    work.handle(good, ({ request }, { number }) => {
      note(request.headers['x-fuzz']);
      return number;
    }),
    work.handle(add, ({ request }, { x, y }) => {
      note(request.headers['x-fuzz']);
      return [x, y];
    }),
  ],
});
process.once('SIGTERM', () => void cellar.close().then(() => process.exit(0)));
console.log('ready');
