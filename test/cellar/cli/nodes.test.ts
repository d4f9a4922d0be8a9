/** `cellar inspect`, `cellar control` and `cellar events` on a real RabbitMQ, with a worker that is a process of its own. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../support/rabbitmq.ts';
import { hasRedis, startRedis } from '../../support/redis.ts';
import { app as poolApp } from '../worker/pools/app.ts';
import { block, deadly, echo } from '../worker/pools/tasks.ts';
import { dataFolder, eventually, startHere } from './run-cli-here.ts';
import { type Child, processes } from './start-cli.ts';

// Processes on a busy machine.
jest.setTimeout(120_000);

const POOL_APP = fileURLToPath(new URL('../worker/pools/app.ts', import.meta.url));
const data = dataFolder();

describe('on a broker without remote control', () => {
  it.each([['inspect', 'ping'], ['control', 'enable_events'], ['control', 'shutdown'], ['events']])(
    '%s %s is refused with a sentence',
    async (...argv) => {
      const { code, stdout, stderr } = await data.cellar(argv);
      expect(stderr).toBe('cellar: this broker has no events and no remote control, allowed: amqp: and amqps:\n');
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    },
  );
});

describe('arguments of cellar control', () => {
  it.each([
    [['rate_limit', 'kitchen.add'], 'an argument is missing, allowed: TASK RATE'],
    [['pool_grow', 'many'], "the argument n is 'many', allowed: a whole number from 1 to 10000"],
    [['pool_grow', '1', '2'], "unexpected argument '2', allowed: [N]"],
    [['revoke'], 'an argument is missing, allowed: ID …'],
    [['revok', 'x'], "COMMAND is 'revok', did you mean 'revoke'"],
  ])('%j are refused before anybody is asked', async (argv, sentence) => {
    const { code, stderr } = await data.cellar(['control', ...argv]);
    expect(stderr).toContain(sentence);
    expect(code).toBe(2);
  });
});

(hasRabbitmq() && hasRedis() ? describe : describe.skip)('on RabbitMQ', () => {
  const { startWorker } = processes(() => data.path(), afterAll);
  let rabbitmq: TestRabbitmq;
  let worker: Child;
  const env = () => ({ CELLAR_BROKER_URL: rabbitmq.url });
  const cellar = (...argv: readonly string[]) => data.cellar(argv, { env: env() });
  /** Its answer, by node. */
  async function asked(...argv: readonly string[]) {
    const { stdout } = await data.cellar([...argv, '--timeout', '30', '-d', 'pot@kitchen', '--json'], { env: env() });
    return JSON.parse(stdout)['pot@kitchen'];
  }

  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
    worker = await startWorker(env(), ['-n', 'pot@kitchen', '--without-mingle', '-c', '3']);
  });
  afterAll(() => rabbitmq?.stop());

  it('asks the workers', async () => {
    expect(await asked('inspect', 'ping')).toEqual({ ok: 'pong' });
    expect(await asked('inspect', 'stats')).toMatchObject({ pid: worker.child.pid, pool: { 'max-concurrency': 3 } });
    expect(await asked('inspect', 'registered')).toContain('kitchen.add');
    expect(await asked('inspect', 'active_queues')).toMatchObject([{ name: 'kitchen' }]);
    expect(await asked('inspect', 'report')).toMatchObject({ ok: expect.any(String) });
    for (const what of ['active', 'reserved', 'scheduled', 'revoked']) expect(await asked('inspect', what)).toEqual([]);
    expect(await asked('inspect', 'query_task', 'some-id')).toEqual({});
    expect(await asked('inspect', 'conf')).toBeInstanceOf(Object);
  });

  it('prints answers for people, and says when nobody answers', async () => {
    const { stdout, stderr, code } = await cellar('inspect', 'ping', '-t', '30', '-d', 'pot@kitchen');
    expect({ stdout, stderr, code }).toEqual({
      stdout: '-> pot@kitchen: OK\n    pong\n',
      stderr: 'cellar: 1 worker answered\n',
      code: 0,
    });
    const nobody = await cellar('inspect', 'ping', '-t', '0.2', '-d', 'pan@kitchen');
    expect(nobody).toEqual({ stdout: '', stderr: 'cellar: no worker answered within 0.2 s\n', code: 1 });
  });

  it('tells the workers, and fails when one cannot', async () => {
    expect(await asked('control', 'rate_limit', 'kitchen.add', '100/s')).toEqual({
      ok: 'new rate limit set successfully',
    });
    expect(await asked('control', 'rate_limit', 'kitchen.add', '0')).toEqual({
      ok: 'rate limit disabled successfully',
    });
    expect(await asked('control', 'time_limit', 'kitchen.add', '5', '6')).toEqual({
      ok: 'time limits set successfully',
    });
    expect(await asked('control', 'pool_grow', '2')).toEqual({ ok: 'pool will grow' });
    expect(await asked('inspect', 'stats')).toMatchObject({ pool: { 'max-concurrency': 5 } });
    const refused = await cellar('control', 'rate_limit', 'kitchen.nothing', '1/s', '-t', '30', '-d', 'pot@kitchen');
    expect(refused).toMatchObject({
      stdout: '-> pot@kitchen: ERROR\n    unknown task\n',
      stderr: 'cellar: pot@kitchen answered: unknown task\n',
      code: 1,
    });
  });

  it('shows events as they happen', async () => {
    const events = startHere(['events', '--enable', '--json'], { env: env() });
    const lines = () =>
      events
        .stdout()
        .split('\n')
        .flatMap((line) => (line.endsWith('}') ? [JSON.parse(line)] : []));
    // Before anything is sent somebody must listen: a heartbeat shows it.
    await eventually(() => lines().some(({ type }) => type === 'worker-heartbeat') || undefined);
    const { stdout } = await data.cellar(['send', 'kitchen.add', '[1, 2]', '--json'], { env: env() });
    const { id } = JSON.parse(stdout);
    await eventually(() => lines().some(({ type, uuid }) => type === 'task-succeeded' && uuid === id) || undefined);
    events.stop();
    expect(await events.ended).toMatchObject({ code: 0 });
    const types = lines().flatMap(({ type, uuid }) => (uuid === id ? [type] : []));
    expect(types).toEqual(['task-received', 'task-started', 'task-succeeded']);
  });

  it('terminates a task that blocks its process, and outlives one that ends it', async () => {
    const redis = await startRedis();
    const more = { ...env(), CELLAR_RESULT_BACKEND: redis.url, CELLAR_LOG_LEVEL: 'error' };
    const flags = ['--app', POOL_APP, '-n', 'pool@kitchen', '--without-mingle', '-P', 'processes', '-c', '2'];
    const pool = await startWorker(more, [...flags, '-Q', 'work']);
    const client = await Cellar.open({ settings: loadSettings(more), topology: poolApp.topology });
    const told = async (...argv: readonly string[]) => {
      const { stdout } = await data.cellar([...argv, '-t', '30', '-d', 'pool@kitchen', '--json'], { env: env() });
      return JSON.parse(stdout)['pool@kitchen'];
    };
    const { processes: pids } = (await told('inspect', 'stats')).pool;
    expect(pids).toHaveLength(2);
    expect(pids).not.toContain(pool.child.pid);
    const blocked = await client.send(block({}, { timeLimitSeconds: 600 }));
    await eventually(async () => (await told('inspect', 'active')).length === 1 || undefined);
    const ended = blocked.get({ timeoutMs: 60_000 });
    await told('control', 'terminate', 'SIGKILL', blocked.id);
    await expect(ended).rejects.toMatchObject({ code: 'task-revoked' });
    await eventually(async () => (await told('inspect', 'active')).length === 0 || undefined);
    const next = await client.send(echo({ value: 'still there' }));
    expect(await next.get({ timeoutMs: 60_000 })).toBe('still there');
    // The count of children that died travels with the message.
    const file = join(data.path(), 'deaths');
    const deaths = await client.send(deadly({ file, times: 1000, how: 'SIGKILL' }));
    await expect(deaths.get({ timeoutMs: 60_000 })).rejects.toThrow('WorkerLostError: delivered 3 times without');
    expect(readFileSync(file, 'utf8').trimEnd().split('\n')).toHaveLength(3);
    pool.child.kill('SIGTERM');
    await pool.ended;
    await client.close();
    await redis.stop();
  });

  it('stops a worker', async () => {
    const { stderr, code } = await cellar('control', 'shutdown', '-d', 'pot@kitchen');
    expect({ stderr, code }).toEqual({ stderr: 'cellar: shutdown was sent; workers do not answer it\n', code: 0 });
    expect(await worker.ended).toMatchObject({ code: 0 });
  });
});
