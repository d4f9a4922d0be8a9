/** Flower, Celery's monitor, on a free port, asked through its HTTP API. */
import { type ChildProcess, spawn } from 'node:child_process';
import { dirname } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { freePort } from '../../functions/local/deploy/emulator-process.ts';
import { celeryPython } from './celery.ts';
import { until } from './running-shop.ts';

const folder = dirname(fileURLToPath(new URL('../celery/control_app.py', import.meta.url)));

export interface Flower {
  /** The JSON at a path such as `api/workers`; `undefined` where there is none. */
  get(path: string): Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts it for a Celery application of `test/celery`; about 3 s. */
export async function startFlower(
  app: string,
  { url, managementUrl }: { readonly url: string; readonly managementUrl: string },
): Promise<Flower> {
  const port = await freePort();
  const words = ['-m', 'celery', '-A', app, 'flower', '--address=127.0.0.1', `--port=${port}`];
  const child = spawn(celeryPython, [...words, `--broker-api=${managementUrl}/api/`], {
    cwd: folder,
    env: { ...process.env, CELERY_TEST_BROKER_URL: url, FLOWER_UNAUTHENTICATED_API: 'true' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const get = async (path: string): Promise<unknown> => {
    const answer = await fetch(`http://127.0.0.1:${port}/${path}`);
    return answer.ok ? await answer.json() : undefined;
  };
  await until(async () => {
    if (child.exitCode !== null) throw new Error(`flower ended with ${child.exitCode}: ${output.slice(-4_000)}`);
    return await get('api/tasks').catch(() => undefined); // it does not listen yet
  }, 60_000);
  return { get, stop: () => end(child) };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await exited;
}
