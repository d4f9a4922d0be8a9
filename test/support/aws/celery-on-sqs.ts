/** Real Celery on an emulator's SQS: test/celery/sqs_app.py. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { celeryPython, startCeleryScript } from '../celery.ts';
import { EMULATED_ACCOUNT } from './emulator.ts';

const APP_FOLDER = fileURLToPath(new URL('../../celery', import.meta.url));

/** What Celery sends: a task by its name, or a chain of such. Options are those of `apply_async`. */
export type CeleryCall =
  | {
      readonly task: string;
      readonly args?: readonly unknown[];
      readonly kwargs?: Readonly<Record<string, unknown>>;
      readonly options: Readonly<Record<string, unknown>>;
    }
  | { readonly chain: readonly CeleryCall[] };

export interface CeleryOptions {
  readonly endpoint: string;
  /** For what it stores and notes. */
  readonly folder: string;
}

function environment({ endpoint, folder }: CeleryOptions): Readonly<Record<string, string>> {
  return {
    BROKER_URL: endpoint.replace('http://', 'sqs://test:test@'),
    RESULT_BACKEND: `file://${folder}`,
    NOTES: join(folder, 'notes'),
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}

export interface CeleryProducer {
  /** Sends; answers the task ids. */
  send(calls: readonly CeleryCall[]): Promise<readonly string[]>;
  stop(): Promise<void>;
}

/** Starts a Celery producer whose queues are found by their prefix. */
export function startCeleryProducer(options: CeleryOptions, { base64 = true } = {}): CeleryProducer {
  const variables = { ...environment(options), BASE64: base64 ? 'yes' : 'no' };
  const script = startCeleryScript(
    'sqs_app.py',
    ...Object.entries(variables).map(([name, value]) => `${name}=${value}`),
  );
  return { send: (calls) => script.ask([...calls]), stop: () => script.stop() };
}

export interface CeleryWorker {
  /** What it stored of a task, once it has. */
  result(id: string): Promise<{ readonly status: string; readonly result: unknown } | undefined>;
  /** What it noted so far, in order. */
  notes(): Promise<readonly string[]>;
  output(): string;
  stop(): Promise<void>;
}

/** Starts `celery worker` on the queue `python`, with predefined queues: with these it asks for its queue at every step. */
export function startCeleryWorker(options: CeleryOptions): CeleryWorker {
  const argv = ['-m', 'celery', '-A', 'sqs_app', 'worker', '--pool=solo', '-Q', 'python.fifo', '--loglevel=INFO'];
  const child = spawn(celeryPython, argv, {
    cwd: APP_FOLDER,
    env: {
      PATH: process.env.PATH,
      ...environment(options),
      QUEUE_URLS: `${options.endpoint}/${EMULATED_ACCOUNT}`,
      PYTHONDONTWRITEBYTECODE: '1',
    },
  });
  const [out, errors] = [textOf(child.stdout), textOf(child.stderr)];
  return {
    result: async (id) =>
      JSON.parse((await textAt(join(options.folder, `celery-task-meta-${id}`))) ?? 'null') ?? undefined,
    notes: async () => ((await textAt(join(options.folder, 'notes'))) ?? '').split('\n').slice(0, -1),
    output: () => out() + errors(),
    stop: () => stopped(child),
  };
}

async function stopped(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGKILL');
  await ended;
}

function textOf(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (chunk) => (text += chunk));
  return () => text;
}

/** `undefined` where there is no such file yet, or nothing in it. */
async function textAt(path: string): Promise<string | undefined> {
  return existsSync(path) ? (await readFile(path, 'utf8')) || undefined : undefined;
}
