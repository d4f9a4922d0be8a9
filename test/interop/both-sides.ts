/** RabbitMQ, Redis, and on both sides a producer and two workers: one that stores results in Redis, one that sends them back. */
import { spawn } from 'node:child_process';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { Cellar, loadSettings } from 'cellar';
import { type CeleryScript, celeryPython, hasCelery, startCeleryScript } from '../support/celery.ts';
import { hasRabbitmq, startRabbitmq } from '../support/rabbitmq.ts';
import { hasRedis, startRedis } from '../support/redis.ts';
import { app } from './fixture/app.ts';

const MAIN = fileURLToPath(new URL('../../shared/cellar/cli/main.ts', import.meta.url));
const APP = fileURLToPath(new URL('fixture/app.ts', import.meta.url));
const CELERY_FOLDER = fileURLToPath(new URL('../celery/', import.meta.url));

export interface Raised {
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
  readonly bases: readonly string[];
  readonly text: string;
}

/** What a piece of Python came to. */
export interface Ran {
  readonly out?: unknown;
  readonly raised?: Raised;
}

export interface BothSides {
  /** A producer here, with results in Redis. */
  readonly cellar: Cellar;
  /** A producer here that hears results as messages. */
  readonly cellarRpc: Cellar;
  /** Runs code of a Celery producer: `app`, `rpc`, the tasks and `ts` are in its scope; what it leaves in `out` is the answer. */
  python(code: string): Promise<Ran>;
  stop(): Promise<void>;
}

export const hasBothSides = (): boolean => hasRabbitmq() && hasRedis() && hasCelery();

export async function startBothSides(): Promise<BothSides> {
  const stops: (() => Promise<unknown>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stops.toReversed()) await end();
  };
  try {
    return { ...(await startAll((end) => stops.push(end))), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(stopWith: (end: () => Promise<unknown>) => void): Promise<Omit<BothSides, 'stop'>> {
  const rabbit = await startRabbitmq();
  stopWith(rabbit.stop);
  const redis = await startRedis();
  stopWith(redis.stop);
  const script: CeleryScript = startCeleryScript('app.py', rabbit.url, redis.url);
  stopWith(script.stop);
  const environmentOf = (backend: string) => ({ CELLAR_BROKER_URL: rabbit.url, CELLAR_RESULT_BACKEND: backend });
  const workers = [
    celeryWorker(rabbit.url, redis.url, 'python'),
    celeryWorker(rabbit.url, 'rpc://', 'python-rpc'),
    cellarWorker(environmentOf(redis.url), 'cellar'),
    cellarWorker(environmentOf('rpc:'), 'cellar-rpc'),
  ];
  for (const { end } of workers) stopWith(end);
  await Promise.all(workers.map(({ ready }) => ready));
  const open = async (backend: string): Promise<Cellar> => {
    const settings = loadSettings({ ...environmentOf(backend), CELLAR_LOG_LEVEL: 'error' });
    const cellar = await Cellar.open({ topology: app.topology, settings });
    stopWith(() => cellar.close());
    return cellar;
  };
  return {
    cellar: await open(redis.url),
    cellarRpc: await open('rpc:'),
    python: (code) => script.ask<Ran>({ run: code }),
  };
}

function celeryWorker(broker: string, backend: string, queue: string): Started {
  const words = ['-m', 'celery', '-A', 'app', 'worker', '-Q', queue, '-n', `${queue}@here`, '-c', '2', '-l', 'INFO'];
  const env = { ...process.env, INTEROP_BROKER: broker, INTEROP_BACKEND: backend };
  return started(celeryPython, words, { env, cwd: CELERY_FOLDER, ready: /@here ready/ });
}

function cellarWorker(environment: Readonly<Record<string, string>>, queue: string): Started {
  const env = { ...process.env, ...environment };
  return started(process.execPath, [MAIN, 'worker', '--app', APP, '-Q', queue, '-n', `${queue}@here`, '-E'], {
    env,
    cwd: CELERY_FOLDER,
    ready: /^ready/m,
  });
}

interface Start {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd: string;
  /** What it prints when it takes messages. */
  readonly ready: RegExp;
}

interface Started {
  readonly ready: Promise<void>;
  /** Ends it with the processes that it started. */
  readonly end: () => Promise<void>;
}

function started(program: string, words: readonly string[], { env, cwd, ready }: Start): Started {
  const child = spawn(program, words, { env, cwd, stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let text = '';
  return {
    ready: new Promise((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        text = (text + chunk.toString()).slice(-20_000);
        if (ready.test(text)) resolve();
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.once('exit', (code) => reject(new Error(`${words.join(' ')} ended with ${code}: ${text}`)));
    }),
    async end() {
      if (child.exitCode !== null || child.pid === undefined) return;
      process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
}
