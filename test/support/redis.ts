/** A real Redis for tests: the one whose URL is given, else `redis-server` on a free port of this machine, nothing on disk. */
import { spawn } from 'node:child_process';
import { tmpdir } from 'node:os';
import process from 'node:process';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { freePort } from '../../functions/local/deploy/emulator-process.ts';
import { requires } from './requires.ts';

/** A running one, given by its URL: tests then keep to keys with prefixes of their own. */
const URL_VARIABLE = 'CELLAR_TEST_REDIS_URL';
const START_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 20;

export interface TestRedis {
  /** `redis://[:password@]127.0.0.1:<port>/0` */
  readonly url: string;
  /** A connection for the test itself, closed with the server. */
  readonly client: Redis;
  /** Of the process that was started here. */
  readonly pid: number | undefined;
  /** Ends it as the kernel would; what it held is lost. */
  kill(): Promise<void>;
  /** Starts it again, on the same port. */
  startAgain(): Promise<void>;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** A server of its own, also where a URL is given: for tests that restart it. @default false */
  readonly private?: boolean;
  /** More of its command line, such as `--requirepass`, `secret`. */
  readonly arguments?: readonly string[];
  /** @default none */
  readonly password?: string;
}

/**
 * Whether tests have a Redis here.
 * @throws Error where `CI` is `true` and there is none
 */
export function hasRedis(): boolean {
  return Boolean(process.env[URL_VARIABLE]) || requires('redis-server');
}

/** Ready when it answers. */
export async function startRedis(options: RedisOptions = {}): Promise<TestRedis> {
  const given = process.env[URL_VARIABLE];
  if (given && options.private !== true) return givenRedis(given);
  const port = await freePort();
  const url = `redis://${options.password === undefined ? '' : `:${options.password}@`}127.0.0.1:${port}/0`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => LOOK_EVERY_MS });
  client.on('error', () => undefined); // it is not there yet, or a test ended it
  const own = ['--requirepass', options.password ?? '', ...(options.arguments ?? [])];
  let server = await startServer(port, own, client);
  return {
    url,
    client,
    get pid() {
      return server.pid;
    },
    kill: () => server.end('SIGKILL'),
    async startAgain() {
      server = await startServer(port, own, client);
    },
    async stop() {
      client.disconnect();
      await server.end('SIGTERM');
    },
  };
}

function givenRedis(url: string): TestRedis {
  const client = new Redis(url);
  const refuse = async () => {
    throw new Error(`${URL_VARIABLE} is given: ask for a private server to end it`);
  };
  return {
    url,
    client,
    pid: undefined,
    kill: refuse,
    startAgain: refuse,
    stop: async () => client.disconnect(),
  };
}

async function startServer(port: number, own: readonly string[], client: Redis) {
  const where = ['--port', String(port), '--bind', '127.0.0.1', '--dir', tmpdir()];
  const child = spawn('redis-server', [...where, '--save', '', '--appendonly', 'no', ...own], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const endWithThisProcess = () => void child.kill('SIGKILL');
  process.once('exit', endWithThisProcess);
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    process.removeListener('exit', endWithThisProcess);
    child.kill(signal);
    await exited;
  };
  const deadline = performance.now() + START_WITHIN_MS;
  while (child.exitCode === null && performance.now() < deadline) {
    if (await answers(client)) return { pid: child.pid, end };
    await sleep(LOOK_EVERY_MS);
  }
  await end('SIGKILL');
  throw new Error(`redis-server did not start: ${text.slice(-2_000)}`);
}

async function answers(client: Redis): Promise<boolean> {
  try {
    if (client.status !== 'ready') await Promise.race([client.connect(), sleep(LOOK_EVERY_MS)]);
    return client.status === 'ready';
  } catch {
    return false; // not yet, or a connection is being made already
  }
}
