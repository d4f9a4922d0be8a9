/** An emulator of AWS as a process of this machine: started on a free port, ended with everything that it started. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../../shared/shop/error-code.ts';
import { emulatorRequest } from './emulator-request.ts';

export interface EmulatorProgram {
  readonly name: string;
  readonly command: string;
  readonly arguments: readonly string[];
  /** What it needs to know beside this process's environment; `folder` is empty, its own, and removed at the end. */
  environment(port: number, folder: string): Readonly<Record<string, string>>;
}

export interface EmulatorProcess {
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** The last 100,000 characters that it printed. */
  output(): string;
  /** Ends it, and the Lambda functions that it runs as processes. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 50;
const STOP_WITHIN_MS = 5_000;
const KEPT_OUTPUT = 100_000;

/**
 * Starts an emulator; ready when it makes a queue.
 * @throws Error with what it printed, where it does not start
 */
export async function startEmulatorProcess(program: EmulatorProgram, port?: number): Promise<EmulatorProcess> {
  const ownPort = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), `cellar-${program.name}-`));
  const endpoint = `http://127.0.0.1:${ownPort}`;
  const child = spawn(program.command, program.arguments, {
    cwd: folder,
    env: { ...process.env, TMPDIR: folder, ...program.environment(ownPort, folder) },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true, // a process group of its own: what it starts ends with it
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-KEPT_OUTPUT);
    });
  }
  const endWithThisProcess = () => signalGroup(child, 'SIGKILL');
  process.once('exit', endWithThisProcess);
  const stop = async () => {
    process.removeListener('exit', endWithThisProcess);
    await end(child);
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  };
  const fault = await startFault(endpoint, child);
  if (fault === undefined) return { endpoint, output: () => text, stop };
  await stop();
  throw new Error(`${program.name} ${fault}: ${text.slice(-2_000)}`);
}

/** Waits until it answers; how it failed to, otherwise. Its own word is no proof: LocalStack may say Ready and be broken. */
async function startFault(endpoint: string, child: ChildProcess): Promise<string | undefined> {
  let fault: string | undefined;
  child.once('error', ({ message }) => {
    fault = `cannot be run (${message})`;
  });
  child.once('exit', (code, signal) => {
    fault = `ended with ${signal ?? code} before it answered`;
  });
  const deadline = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadline && fault === undefined) {
    if (await makesQueue(endpoint)) return undefined;
    await sleep(LOOK_EVERY_MS);
  }
  return fault ?? `did not answer within ${START_WITHIN_MS} ms`;
}

/** Whether an emulator at this address answers as SQS does. */
export async function makesQueue(endpoint: string): Promise<boolean> {
  try {
    await emulatorRequest(endpoint, 'sqs:CreateQueue', { QueueName: 'is-it-ready' });
    return true;
  } catch {
    return false; // not yet
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.pid === undefined) return;
  if (child.exitCode === null && child.signalCode === null) {
    const exited = new Promise((resolve) => child.once('exit', resolve));
    signalGroup(child, 'SIGTERM');
    const late = setTimeout(() => signalGroup(child, 'SIGKILL'), STOP_WITHIN_MS);
    await exited;
    clearTimeout(late);
  }
  signalGroup(child, 'SIGKILL'); // functions that did not hear the first signal
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    if (errorCode(error) !== 'ESRCH') throw error; // the group has ended
  }
}

/** A TCP port that nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
