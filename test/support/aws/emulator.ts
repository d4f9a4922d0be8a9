/** AWS on this machine: ministack (the whole stack) and LocalStack 4.14.0 (SQS and SNS as AWS has them). */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';

export type EmulatorName = 'ministack' | 'localstack';

export interface Emulator {
  readonly name: EmulatorName;
  /** `http://127.0.0.1:<port>` */
  readonly endpoint: string;
  /** What it printed, if it was started here. */
  output(): string;
  /** Ends it, if it was started here. */
  stop(): Promise<void>;
}

/** Emulators know one account and take any credentials. */
export const EMULATED_ACCOUNT = '000000000000';
export const EMULATED_REGION = 'us-east-1';

/** Where `.ci/servers` installs them. */
const SERVERS = process.env.CELLAR_TEST_SERVERS ?? join(homedir(), '.cache', 'cellar-test-servers');

interface Program {
  /** A running one, given by its URL. */
  readonly variable: string;
  readonly command: string;
  readonly arguments: readonly string[];
  environment(port: number, folder: string): Readonly<Record<string, string>>;
}

const PROGRAMS: Readonly<Record<EmulatorName, Program>> = {
  ministack: {
    variable: 'CELLAR_TEST_MINISTACK_URL',
    command: join(SERVERS, 'ministack', 'bin', 'ministack'),
    arguments: [],
    environment: (port) => ({ GATEWAY_PORT: `${port}`, MINISTACK_PORT: `${port}`, EDGE_PORT: `${port}` }),
  },
  localstack: {
    variable: 'CELLAR_TEST_LOCALSTACK_URL',
    command: join(SERVERS, 'localstack', 'bin', 'python'),
    arguments: ['-m', 'localstack.runtime.main'],
    environment: (port, folder) => ({
      GATEWAY_LISTEN: `127.0.0.1:${port}`,
      FILESYSTEM_ROOT: folder,
      SERVICES: 'sqs,sns,s3',
      EAGER_SERVICE_LOADING: '1',
      DISABLE_EVENTS: '1',
      SKIP_SSL_CERT_DOWNLOAD: '1',
    }),
  },
};

/**
 * Whether an emulator can be had: given by its URL, or installed.
 * @throws Error where `CI` is `true` and it cannot: there it must be installed
 */
export function hasEmulator(name: EmulatorName): boolean {
  const { variable, command } = PROGRAMS[name];
  const found = Boolean(process.env[variable]) || existsSync(command);
  if (!found && process.env.CI === 'true') throw new Error(`${name} is not installed, and CI needs it (.ci/servers)`);
  return found;
}

/** Starts an emulator on a free port, or takes the one whose URL is given; ready when it makes a queue. */
export async function startEmulator(
  name: EmulatorName,
  environment: Readonly<Record<string, string>> = {},
): Promise<Emulator> {
  const program = PROGRAMS[name];
  const given = process.env[program.variable];
  if (given) return { name, endpoint: given.replace(/\/$/, ''), output: () => '', stop: async () => undefined };
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), `cellar-${name}-`));
  const endpoint = `http://127.0.0.1:${port}`;
  const child = spawn(program.command, [...program.arguments], {
    cwd: folder,
    env: { ...process.env, ...program.environment(port, folder), ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text = (text + chunk.toString()).slice(-100_000);
    });
  }
  await ready(endpoint, child, () => text);
  return {
    name,
    endpoint,
    output: () => text,
    async stop() {
      await end(child);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const START_WITHIN_MS = 60_000;
const LOOK_EVERY_MS = 100;

/** Its own word is no proof: LocalStack says Ready under a Python that it does not run on. */
async function ready(endpoint: string, child: ChildProcess, output: () => string): Promise<void> {
  const deadline = performance.now() + START_WITHIN_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) break;
    if (await makesQueue(endpoint)) return;
    await sleep(LOOK_EVERY_MS);
  }
  await end(child);
  throw new Error(`the emulator did not start: ${output().slice(-2_000)}`);
}

async function makesQueue(endpoint: string): Promise<boolean> {
  try {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-amz-json-1.0',
        'x-amz-target': 'AmazonSQS.CreateQueue',
        authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${EMULATED_REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0`,
      },
      body: JSON.stringify({ QueueName: 'is-it-ready' }),
      signal: AbortSignal.timeout(5_000),
    });
    return response.ok;
  } catch {
    return false; // not yet
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), 5_000);
  await exited;
  clearTimeout(late);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no free port');
  return address.port;
}
