/** A real Celery worker, of an application in `test/celery`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { celeryPython } from './celery.ts';
import { until } from './running-shop.ts';

export interface CeleryWorker {
  /** What it logged. */
  output(): string;
  stop(): Promise<void>;
}

/** Starts one that runs one task at a time; about 3 s. */
export async function startCeleryWorker(
  app: string,
  { url, name, queue }: { readonly url: string; readonly name: string; readonly queue: string },
): Promise<CeleryWorker> {
  const words = ['-m', 'celery', '-A', app, 'worker', '-P', 'solo', '-l', 'INFO', '-n', name, '-Q', queue];
  const child = spawn(celeryPython, words, {
    cwd: fileURLToPath(new URL('../celery/', import.meta.url)),
    env: { ...process.env, CELERY_TEST_BROKER_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const exited = once(child, 'exit');
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await exited;
  };
  try {
    await until(() => {
      if (child.exitCode !== null) throw new Error(`the worker ended with ${child.exitCode}: ${output.slice(-4_000)}`);
      return / ready\./.test(output);
    }, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { output: () => output, stop };
}
