/** The command as a process of its own: signals, pipes, and how it ends. */
import { execFile } from 'node:child_process';
import { describe, expect, it, jest } from '@jest/globals';
import { dataFolder, eventually, FIXTURE } from './run-cli-here.ts';
import { environment, MAIN, processes } from './start-cli.ts';

// Processes on a busy machine.
jest.setTimeout(120_000);

const data = dataFolder();
const { start, startWorker } = processes(() => data.path());

/** A task that runs so long, as soon as it runs. */
async function simmering(ms: number): Promise<string> {
  const { id } = await data.json(['send', 'kitchen.simmer', `[${ms}]`]);
  await eventually(async () => ((await data.json(['result', id])).state === 'SIMMERING' ? true : undefined));
  return id;
}

describe('a worker process', () => {
  it('finishes what runs at the first signal', async () => {
    const worker = await startWorker();
    const id = await simmering(600);
    worker.child.kill('SIGTERM');
    const { code, stdout, stderr } = await worker.ended;
    expect(code).toBe(0);
    expect(stdout).toBe('ready: worker on embedded:, queues kitchen, 4 tasks\n');
    expect(stderr).toMatch(/stopping: what runs is finished; a second signal stops at once\n$/);
    expect(await data.json(['result', id])).toMatchObject({ state: 'SUCCESS', result: 'done' });
  });

  it('gives back what runs at the second signal, and another worker runs it again', async () => {
    const worker = await startWorker({ CELLAR_SHUTDOWN_TIMEOUT: '60' });
    const id = await simmering(60_000);
    worker.child.kill('SIGINT');
    await new Promise((resolve) => worker.child.stderr?.once('data', resolve));
    worker.child.kill('SIGINT');
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(await data.json(['inspect', 'queues'])).toMatchObject([{ ready: 1, inFlight: 0 }]);
    const other = await startWorker();
    await eventually(async () => ((await data.json(['inspect', 'queues']))[0].inFlight === 1 ? true : undefined));
    await data.cellar(['revoke', id]);
    other.child.kill('SIGKILL');
    await other.ended;
  });
});

interface Piped {
  readonly stdout: string;
  readonly stderr: string;
  /** Of the command, not of the pipe's reader. */
  readonly code: number;
}

/** Runs the command with its output in a real pipe to `reader`. */
function pipe(argv: readonly string[], reader: string): Promise<Piped> {
  const quoted = [process.execPath, MAIN, ...argv].map((word) => `'${word}'`).join(' ');
  const script = `{ ${quoted}; echo "code $?" >&2; } | ${reader}`;
  return new Promise((resolve) => {
    execFile('sh', ['-c', script], { cwd: FIXTURE, env: environment(data.path()) }, (_error, stdout, stderr) => {
      const [, rest = '', code] = /^([\s\S]*)code (\d+)\n$/.exec(stderr) ?? [];
      resolve({ stdout, stderr: rest, code: Number(code) });
    });
  });
}

describe('a pipe', () => {
  it('that is read to its end is fine', async () => {
    const { stdout, stderr, code } = await pipe(['inspect', 'queues'], 'head -1');
    expect({ stdout, stderr, code }).toEqual({
      stdout: 'QUEUE    READY  IN FLIGHT  DELAYED  DEAD  OLDEST READY\n',
      stderr: '',
      code: 0,
    });
  });

  it('that is closed early ends the command with one line and exit code 2', async () => {
    // More than a pipe holds (64 KiB), so that the command still writes when its reader has gone.
    const value = 'x'.repeat(120_000);
    await data.cellar(['send', 'kitchen.add', '-'], { stdin: `[1, 2, "${value}"]` });
    const { stdout, stderr, code } = await pipe(['inspect', 'tasks', '--json'], 'head -c 5');
    expect(stdout).toBe('[{"id');
    expect(stderr).toBe('cellar: the output was not written to its end: its reader closed it (broken pipe)\n');
    expect(code).toBe(2);
  });

  it('that is closed under a worker stops it', async () => {
    const { stderr, code } = await pipe(['worker', '--json'], 'true');
    expect(stderr).toMatch(/cellar: the output was not written to its end: .*\(broken pipe\)\n$/);
    expect(stderr).not.toMatch(/^ +at /m);
    expect(code).toBe(2);
  });
});

describe('the process', () => {
  it('prints a fault as one line, without a stack', async () => {
    const { code, stdout, stderr } = await start(['send', 'kitchen.ad', '[]']).ended;
    expect(stderr).toMatch(/^cellar: unknown task 'kitchen.ad', did you mean 'kitchen.add', .*\n$/);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  });

  it('prints the stack of a fault where the log level is debug', async () => {
    const { stderr } = await start(['bogus'], { CELLAR_LOG_LEVEL: 'debug' }).ended;
    expect(stderr).toMatch(/^cellar: unknown command 'bogus'.*\nCellarError: [\s\S]*\n +at /);
  });
});
