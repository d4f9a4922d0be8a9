/** A Redis of the benchmark's own, on a free port, without persistence. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';

export interface RunningRedis {
  readonly port: number;
  stop(): void;
}

/** Starts it, or says why not. */
export async function startRedis(): Promise<RunningRedis | string> {
  const port = await freePort();
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const problem = await ready(child);
  return problem ?? { port, stop: () => child.kill() };
}

function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}

function ready(child: ChildProcess): Promise<string | undefined> {
  return new Promise((resolve) => {
    child.once('error', () => resolve('redis-server is not installed (apt-get install redis-server)'));
    child.once('exit', (code) => resolve(`redis-server ended with ${code}`));
    child.stdout?.on(
      'data',
      (text: Buffer) => text.toString().includes('Ready to accept connections') && resolve(undefined),
    );
  });
}
