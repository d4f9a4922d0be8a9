/** The switches of `cellar worker`, on real processes. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { app as poolApp } from '../worker/pools/app.ts';
import { block } from '../worker/pools/tasks.ts';
import { dataFolder, eventually } from './run-cli-here.ts';
import { type Child, processes } from './start-cli.ts';

// Processes on a busy machine.
jest.setTimeout(120_000);

const POOL_APP = fileURLToPath(new URL('../worker/pools/app.ts', import.meta.url));
const data = dataFolder();
const { start, startWorker } = processes(() => data.path());
const pathOf = (name: string): string => join(data.path(), name);

interface ReadyLine {
  readonly pid: number;
  readonly healthUrl: string;
}

const readyLine = (worker: Child): ReadyLine => JSON.parse(worker.stdout().split('\n', 1)[0] ?? '');

async function readiness({ healthUrl }: ReadyLine) {
  const response = await fetch(`${healthUrl}/health/ready`);
  return { status: response.status, body: JSON.parse(await response.text()) };
}

// What a test left is not the next one's.
afterEach(async () => {
  await data.cellar(['purge', 'kitchen', '--yes']);
});

/** Sends a task that runs so long, and waits until it runs. */
async function simmering(ms: number): Promise<string> {
  const { id } = await data.json(['send', 'kitchen.simmer', `[${ms}]`]);
  await eventually(async () => ((await data.json(['result', id])).state === 'SIMMERING' ? true : undefined));
  return id;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

describe('a worker that says that it is there', () => {
  it('does so by a line, a file and HTTP, until it is stopped', async () => {
    const [readyFile, pidfile] = [pathOf('ready'), pathOf('pid')];
    const flags = ['--json', '--ready-file', readyFile, '--pidfile', pidfile, '--health-port', '0', '-n', 'pot@%%'];
    const worker = await startWorker({}, [...flags, '-c', '3', '--prefetch-multiplier', '2']);
    const line = readyLine(worker);
    expect(line).toMatchObject({ ready: 'worker', queues: ['kitchen'], node: 'pot@%', pool: 'async' });
    expect(line.pid).toBe(worker.child.pid);
    expect(readFileSync(pidfile, 'utf8')).toBe(`${line.pid}\n`);
    await eventually(() => existsSync(readyFile) || undefined);
    expect(JSON.parse(readFileSync(readyFile, 'utf8'))).toEqual(line);
    const { status, body } = await readiness(line);
    expect({ status, body }).toMatchObject({
      status: 200,
      body: {
        ready: true,
        node: 'pot@%',
        broker: 'connected',
        queues: [{ queue: 'kitchen', concurrency: 3, held: 0 }],
      },
    });
    expect((await fetch(`${line.healthUrl}/health/live`)).status).toBe(200);
    const posted = await fetch(`${line.healthUrl}/health/live`, { method: 'POST' });
    expect([posted.status, await posted.json()]).toMatchObject([405, { error: { code: 'method-not-allowed' } }]);
    const elsewhere = await fetch(`${line.healthUrl}/nope`);
    expect([elsewhere.status, await elsewhere.json()]).toMatchObject([404, { error: { code: 'not-found' } }]);

    const second = await start(['worker', '--pidfile', pidfile]).ended;
    expect(second).toMatchObject({ code: 2, stdout: '' });
    expect(second.stderr).toContain(`${pidfile} has the id of a process that runs, ${line.pid}: this worker is there`);

    const id = await simmering(1_000);
    worker.child.kill('SIGTERM');
    await eventually(async () => (await readiness(line)).status === 503 || undefined);
    expect((await readiness(line)).body).toMatchObject({ ready: false, stopping: true });
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(await data.json(['result', id])).toMatchObject({ state: 'SUCCESS', result: 'done' });
    expect([existsSync(readyFile), existsSync(pidfile)]).toEqual([false, false]);
  });

  it('takes over the file of a process that has ended', async () => {
    const pidfile = pathOf('stale pid');
    const { pid } = (await start(['--version'])).child;
    await eventually(() => !isAlive(pid ?? 0) || undefined);
    writeFileSync(pidfile, `${pid}\n`);
    const worker = await startWorker({}, ['--pidfile', pidfile]);
    expect(readFileSync(pidfile, 'utf8')).toBe(`${worker.child.pid}\n`);
  });

  it('says where it cannot listen, and ends', async () => {
    const worker = await startWorker({}, ['--json', '--health-port', '0']);
    const port = new URL(readyLine(worker).healthUrl).port;
    const other = await start(['worker', '--health-port', port]).ended;
    expect(other).toMatchObject({ code: 2, stdout: '' });
    expect(other.stderr).toMatch(/cannot listen on 127\.0\.0\.1:\d+: .*EADDRINUSE/);
  });
});

describe('SIGQUIT', () => {
  it('gives back what runs at once', async () => {
    const worker = await startWorker({ CELLAR_SHUTDOWN_TIMEOUT: '60' });
    await simmering(60_000);
    worker.child.kill('SIGQUIT');
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(await data.json(['inspect', 'queues'])).toMatchObject([{ ready: 1, inFlight: 0 }]);
  });

  it('lets what runs finish where the settings give it time, and no longer than that', async () => {
    const soft = { CELLAR_WORKER_SOFT_SHUTDOWN_TIMEOUT: '20' };
    const worker = await startWorker(soft);
    const id = await simmering(700);
    worker.child.kill('SIGQUIT');
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(await data.json(['result', id])).toMatchObject({ state: 'SUCCESS', result: 'done' });

    const other = await startWorker(soft);
    await simmering(60_000);
    const isStopping = new Promise((resolve) => other.child.stderr?.once('data', resolve));
    other.child.kill('SIGQUIT');
    await isStopping;
    other.child.kill('SIGQUIT');
    expect(await other.ended).toMatchObject({ code: 0 });
    expect(await data.json(['inspect', 'queues'])).toMatchObject([{ ready: 1, inFlight: 0 }]);
  });
});

describe.each(['threads', 'processes'] as const)('a worker whose pool is of %s', (pool) => {
  it('fires the signals of its tasks when it stops cold, and gives them back', async () => {
    const worker = await startWorker({}, ['--pool', pool, '-c', '2', '--json', '--health-port', '0']);
    expect(readyLine(worker)).toMatchObject({ pool });
    expect((await readiness(readyLine(worker))).body.processes).toHaveLength(pool === 'threads' ? 0 : 2);
    const short = await simmering(100);
    await eventually(async () => ((await data.json(['result', short])).state === 'SUCCESS' ? true : undefined));
    await simmering(60_000);
    worker.child.kill('SIGQUIT');
    expect(await worker.ended).toMatchObject({ code: 0 });
    expect(await data.json(['inspect', 'queues'])).toMatchObject([{ ready: 1, inFlight: 0 }]);
  });
});

describe('a worker whose size follows what waits', () => {
  it('has more tasks side by side when there are more', async () => {
    const worker = await startWorker({}, ['--autoscale', '3,1', '--json', '--health-port', '0', '--pool', 'threads']);
    const concurrency = async () => (await readiness(readyLine(worker))).body.queues[0].concurrency;
    expect(await concurrency()).toBe(1);
    const ids: string[] = [];
    for (let index = 0; index < 4; index++) ids.push((await data.json(['send', 'kitchen.simmer', '[60000]'])).id);
    await eventually(async () => (await concurrency()) === 3 || undefined);
    await eventually(async () => {
      const states = await Promise.all(ids.map(async (id) => (await data.json(['result', id])).state));
      return states.filter((state) => state === 'SIMMERING').length === 3 || undefined;
    });
    worker.child.kill('SIGQUIT');
    expect(await worker.ended).toMatchObject({ code: 0 });
  });
});

describe('the log of a worker', () => {
  it('begins where the switch says, in the words of Celery', async () => {
    const worker = await startWorker({ CELLAR_LOG_LEVEL: 'debug' }, ['-l', 'WARNING']);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toMatchObject({ code: 0, stderr: '' });
  });
});

describe('children', () => {
  it('end with their worker, also when it is killed while their event loops are blocked', async () => {
    const folder = pathOf('pools');
    const cellar = await Cellar.open({
      settings: loadSettings({ CELLAR_DATA_DIR: folder, CELLAR_LOG_LEVEL: 'error' }),
      topology: poolApp.topology,
    });
    const flags = ['--app', POOL_APP, '--data-dir', folder, '--json', '--health-port', '0'];
    const worker = await startWorker({}, [...flags, '--pool', 'processes', '-c', '2', '-Q', 'work']);
    const line = readyLine(worker);
    const { processes: pids } = (await readiness(line)).body;
    const { id } = await cellar.send(block({}, { timeLimitSeconds: 600 }));
    await eventually(async () => ((await cellar.admin.counts(['work']))[0]?.inFlight === 1 ? true : undefined));
    expect([id !== '', pids.every(isAlive)]).toEqual([true, true]);
    worker.child.kill('SIGKILL');
    await worker.ended;
    await eventually(() => !pids.some(isAlive) || undefined);
    await cellar.close();
  });
});

describe('switches that do not fit', () => {
  it.each([
    [['-X', 'kitchen'], 'no queue is left to take from, allowed: one or more of kitchen'],
    [['-X', 'kitchn'], "unknown queue 'kitchn', did you mean 'kitchen'"],
    [['--hostname', 'a'.repeat(201)], 'allowed: 1 to 200 bytes without control characters'],
    [
      ['--autoscale', '2,4'],
      "--autoscale is '2,4', allowed: MAX,MIN: two whole numbers from 1 to 10000, the larger first",
    ],
    [['-l', 'loud'], "--loglevel is 'loud', allowed: debug, info, warn, warning, error, critical, fatal"],
    [['-P', 'fork'], "--pool is 'fork', allowed: async, threads, processes"],
    [
      ['--time-limit', '1', '--soft-time-limit', '2'],
      'the soft time limit is 2 s, allowed: at most the time limit, 1 s',
    ],
  ])('%j are refused', async (flags, sentence) => {
    const { code, stderr } = await data.cellar(['worker', ...flags]);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });
});
