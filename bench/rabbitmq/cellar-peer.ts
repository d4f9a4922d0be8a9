/** Cellar on the same servers: one worker process, or two, with as many tasks at once and messages taken ahead as Celery. */
import { type ChildProcess, fork } from 'node:child_process';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cellar, loadSettings } from 'cellar';
import { latencyOf } from '../embedded/scenario.ts';
import type { Servers } from './celery-peer.ts';
import { drainRate, emptyQueue } from './drain-rate.ts';
import { memoryMb } from './process-memory.ts';
import { type Figures, PAYLOAD, type QueueKind } from './scenario.ts';
import { declared, ignored, kept, stamped } from './tasks.ts';

const script = fileURLToPath(new URL('./cellar-worker.ts', import.meta.url));
/** Sends that one program has under way at once. */
const LANES = 100;
/** The same of calls with many tasks each. */
const BATCH_LANES = 3;
const BATCH = 500;

interface Counts {
  readonly kind: QueueKind;
  readonly processes: 1 | 2;
  readonly messages: number;
  readonly latencies: number;
}

export async function measureCellar(
  servers: Servers,
  { kind, processes, messages, latencies }: Counts,
): Promise<Figures> {
  const environment = {
    CELLAR_BROKER_URL: servers.amqpUrl,
    CELLAR_RESULT_BACKEND: servers.redisUrl,
    CELLAR_WORKER_PREFETCH_MULTIPLIER: '32',
    CELLAR_LOG_LEVEL: 'error',
    BENCH_QUEUE_KIND: kind,
  };
  await emptyQueue(servers.amqpUrl, kind);
  const cellar = await Cellar.open({ settings: loadSettings(environment), topology: declared(kind) });
  const fill = async (): Promise<number> => {
    const started = performance.now();
    const lane = async (): Promise<void> => {
      for (let sent = 0; sent < messages / LANES; sent++) await cellar.send(ignored({ at: 0, text: PAYLOAD }));
    };
    await Promise.all(Array.from({ length: LANES }, lane));
    return (messages / (performance.now() - started)) * 1000;
  };
  const start = () => Promise.all(Array.from({ length: processes }, () => startWorker(environment)));
  const fillInBatches = async (): Promise<number> => {
    const started = performance.now();
    const batches = Array.from({ length: messages / BATCH }, () => BATCH).values();
    const lane = async (): Promise<void> => {
      for (const length of batches) await cellar.sendAll(Array.from({ length }, () => kept({ at: 0, text: PAYLOAD })));
    };
    await Promise.all(Array.from({ length: BATCH_LANES }, lane));
    return (messages / (performance.now() - started)) * 1000;
  };
  const drained = async () => {
    const workers = await start();
    try {
      return await drainRate(servers.amqpUrl, messages);
    } finally {
      await Promise.all(workers.map(stopWorker));
    }
  };

  try {
    const enqueued = await fill();
    const processed = await drained();
    const enqueuedInBatches = await fillInBatches();
    const processedWithResults = await drained();
    const workers = await start();
    try {
      const latency = latencyOf(await oneByOne(cellar, workers, latencies));
      const memory = workers.reduce((sum, { pid = 0 }) => sum + memoryMb(pid), 0);
      return { enqueued, enqueuedInBatches, processed, processedWithResults, latency, memoryMb: memory };
    } finally {
      await Promise.all(workers.map(stopWorker));
    }
  } finally {
    await cellar.close();
  }
}

/** One task at a time to idle workers: how long each took to begin, in ms. */
async function oneByOne(cellar: Cellar, workers: readonly ChildProcess[], count: number): Promise<readonly number[]> {
  const seen: number[] = [];
  let begun = Promise.withResolvers<void>();
  for (const worker of workers) {
    worker.on('message', ({ latencyMs }: { readonly latencyMs?: number }) => {
      if (latencyMs === undefined) return;
      seen.push(latencyMs);
      begun.resolve();
    });
  }
  for (let sent = 0; sent < count; sent++) {
    begun = Promise.withResolvers();
    await cellar.send(stamped({ at: performance.timeOrigin + performance.now(), text: PAYLOAD }));
    await begun.promise;
    await sleep(2);
  }
  return seen.slice(seen.length / 10);
}

async function startWorker(environment: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const child = fork(script, { env: { ...process.env, ...environment } });
  await new Promise<void>((resolve, reject) => {
    child.once('message', () => resolve());
    child.once('exit', (code) => reject(new Error(`the worker of the benchmark ended with ${code}`)));
  });
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await exited;
}
