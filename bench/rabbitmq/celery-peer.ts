/** Real Celery: prefork with two children, late acknowledgement, JSON, 64 messages taken ahead. */
import { execFile, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { celeryPython } from '../../test/support/celery.ts';
import { latencyOf } from '../embedded/scenario.ts';
import { drainRate, emptyQueue } from './drain-rate.ts';
import { memoryMb } from './process-memory.ts';
import type { Figures, QueueKind } from './scenario.ts';

const script = fileURLToPath(new URL('./celery_app.py', import.meta.url));
const ARGUMENTS = ['worker', '--pool', 'prefork', '--concurrency', '2', '--loglevel', 'WARNING'];
const SWITCHES = ['--without-gossip', '--without-mingle', '--without-heartbeat'];

export interface Servers {
  readonly amqpUrl: string;
  readonly redisUrl: string;
}

interface Counts {
  readonly kind: QueueKind;
  readonly messages: number;
  readonly latencies: number;
}

export async function measureCelery(servers: Servers, { kind, messages, latencies }: Counts): Promise<Figures> {
  const own = { BENCH_AMQP_URL: servers.amqpUrl, BENCH_REDIS_URL: servers.redisUrl, BENCH_QUEUE_KIND: kind };
  // Celery warns of a worker that runs as root.
  const env = { ...process.env, ...own, PYTHONWARNINGS: 'ignore' };
  const run = async <Answer>(words: readonly string[], more: NodeJS.ProcessEnv = {}): Promise<Answer> => {
    const options = { env: { ...env, ...more }, maxBuffer: 1 << 26 };
    const { stdout } = await promisify(execFile)(celeryPython, [script, ...words], options);
    return JSON.parse(stdout);
  };
  const fill = (task: string, more?: NodeJS.ProcessEnv) =>
    run<{ readonly perSecond: number }>(['fill', task, String(messages)], more);
  const drained = async () => {
    const worker = startWorker(env);
    try {
      return await drainRate(servers.amqpUrl, messages);
    } finally {
      await worker.stop();
    }
  };

  await emptyQueue(servers.amqpUrl, kind);
  const { perSecond: enqueuedConfirmed } = await fill('bench.ignored', { BENCH_CONFIRM: 'yes' });
  await emptyQueue(servers.amqpUrl, kind);
  const { perSecond: enqueued } = await fill('bench.ignored');
  const processed = await drained();
  await fill('bench.kept');
  const processedWithResults = await drained();
  const worker = startWorker(env);
  try {
    const { seconds } = await run<{ readonly seconds: readonly number[] }>(['latency', String(latencies)]);
    const latency = latencyOf(seconds.slice(seconds.length / 10).map((value) => value * 1000));
    return { enqueued, enqueuedConfirmed, processed, processedWithResults, latency, memoryMb: memoryMb(worker.pid) };
  } finally {
    await worker.stop();
  }
}

function startWorker(env: NodeJS.ProcessEnv) {
  const child = spawn(celeryPython, ['-m', 'celery', '-A', 'celery_app', ...ARGUMENTS, ...SWITCHES], {
    cwd: dirname(script),
    env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  return {
    pid: child.pid ?? 0,
    async stop() {
      child.kill('SIGTERM');
      const isLate = await Promise.race([exited.then(() => false), sleep(20_000, true)]);
      if (isLate) child.kill('SIGKILL');
      await exited;
    },
  };
}
