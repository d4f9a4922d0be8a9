/**
 * RabbitMQ under no-op tasks: Celery 5.6.3 and Cellar in one run, on the same server and the same kind of queue, with
 * Redis for results. `npm run bench rabbitmq`; `-- --json` for programs, `-- --quick` for a tenth of the messages.
 */
import { cpus, totalmem } from 'node:os';
import process from 'node:process';
import { hasCelery } from '../test/support/celery.ts';
import { startPrivateRabbitmq } from '../test/support/rabbitmq.ts';
import { startRedis } from './embedded/redis.ts';
import { measureCelery } from './rabbitmq/celery-peer.ts';
import { measureCellar } from './rabbitmq/cellar-peer.ts';
import type { Figures } from './rabbitmq/scenario.ts';

const asJson = process.argv.includes('--json');
const scale = process.argv.includes('--quick') ? 0.1 : 1;
const say = (text: string): void => void (asJson || process.stdout.write(`${text}\n`));

if (!hasCelery()) {
  process.stderr.write('bench rabbitmq: Celery is not installed, allowed: after `.ci/servers hosts`\n');
  process.exit(1);
}
const redis = await startRedis();
if (typeof redis === 'string') {
  process.stderr.write(`bench rabbitmq: ${redis}\n`);
  process.exit(1);
}
const rabbitmq = await startPrivateRabbitmq();
const servers = { amqpUrl: rabbitmq.url, redisUrl: `redis://127.0.0.1:${redis.port}/0` };
const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGb: Math.round(totalmem() / 1e9),
  node: process.version,
};
say(
  `${machine.cores} × ${machine.cpu}, ${machine.memoryGb} GB, Node ${machine.node}; Celery 5.6.3 with prefork 2; 2 tasks at once a worker, 64 taken ahead`,
);

try {
  const few = { messages: 20_000 * scale, latencies: 1_000 * scale };
  const many = { messages: 200_000 * scale, latencies: 2_000 * scale };
  const rows: Record<string, Figures> = {};
  const add = async (name: string, figures: Promise<Figures>): Promise<void> => {
    rows[name] = await figures;
    say(show(name, rows[name]));
  };
  await add('Celery, classic', measureCelery(servers, { ...few, kind: 'classic' }));
  await add('Celery, quorum', measureCelery(servers, { ...few, kind: 'quorum' }));
  await add('Cellar, quorum', measureCellar(servers, { ...many, kind: 'quorum', processes: 1 }));
  await add('Cellar, quorum, two processes', measureCellar(servers, { ...many, kind: 'quorum', processes: 2 }));
  await add('Cellar, classic', measureCellar(servers, { ...many, kind: 'classic', processes: 1 }));
  const ratios = ratiosOf(rows);
  for (const [name, ratio] of Object.entries(ratios)) {
    const text = Object.entries(ratio).map(([figure, value]) => `${figure} ${value.toFixed(1)}×`);
    say(`${name}: ${text.join(', ')}`);
  }
  if (asJson) process.stdout.write(`${JSON.stringify({ machine, rows, ratios }, null, 2)}\n`);
} finally {
  redis.stop();
  await rabbitmq.stop();
}

function show(name: string, figures: Figures): string {
  const { enqueued, enqueuedConfirmed, enqueuedInBatches, processed, processedWithResults, latency, memoryMb } =
    figures;
  const rate = (value: number): string => `${Math.round(value).toLocaleString('en')}/s`;
  const confirmed = enqueuedConfirmed === undefined ? '' : ` (confirmed ${rate(enqueuedConfirmed)})`;
  const batches = enqueuedInBatches === undefined ? '' : ` (in batches ${rate(enqueuedInBatches)})`;
  const delay = `idle latency p50 ${latency.p50Ms.toFixed(2)} ms, p99 ${latency.p99Ms.toFixed(2)} ms`;
  return `${name}: enqueued ${rate(enqueued)}${confirmed}${batches}, processed ${rate(processed)}, with results ${rate(processedWithResults)}, ${delay}, ${memoryMb} MB`;
}

/** Each beside Celery on the queue that is Celery's default, and on one of its own kind. */
function ratiosOf(rows: Readonly<Record<string, Figures>>): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const ratios: Record<string, Readonly<Record<string, number>>> = {};
  for (const [name, cellar] of Object.entries(rows)) {
    for (const [peer, celery] of Object.entries(rows)) {
      if (name.startsWith('Cellar') && peer.startsWith('Celery')) ratios[`${name} / ${peer}`] = ratioOf(cellar, celery);
    }
  }
  return ratios;
}

function ratioOf(cellar: Figures, celery: Figures): Readonly<Record<string, number>> {
  return {
    enqueued: cellar.enqueued / celery.enqueued,
    'both confirmed': cellar.enqueued / (celery.enqueuedConfirmed ?? Number.NaN),
    'in batches': (cellar.enqueuedInBatches ?? cellar.enqueued) / celery.enqueued,
    processed: cellar.processed / celery.processed,
    'with results': cellar.processedWithResults / celery.processedWithResults,
  };
}
