/** `CELLAR_RESULT_BACKEND`: results in Redis beside brokers that have stores of their own. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod/mini';
import { chord } from '../../../shared/cellar/canvas.ts';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import { CellarError } from '../../../shared/cellar/errors.ts';
import { TaskException } from '../../../shared/cellar/exception.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { task } from '../../../shared/cellar/task.ts';
import { worker } from '../../../shared/cellar/worker.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';
import { temporaryFolder, until } from '../../support/running-shop.ts';

const add = task('tests.tasks.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'sums' });
const fail = task('tests.tasks.fail', { params: {}, returns: z.int(), queue: 'sums' });
const total = task('tests.tasks.total', { params: { all: z.array(z.int()) }, returns: z.int(), queue: 'sums' });
const once = task('tests.tasks.once', { params: {}, returns: z.int(), queue: 'sums', once: true });

async function codeOf(work: Promise<unknown>): Promise<readonly [string, string]> {
  const error = await work.catch((caught: unknown) => caught);
  if (!(error instanceof CellarError)) throw new Error('an error with a code was expected');
  return [error.code, error.message];
}

describe('a result backend', () => {
  it.each([
    ['embedded:', 'rpc:', 'embedded:'],
    ['memory:', 'embedded:', 'memory:'],
    ['sqs://us-east-1/000000000000/shop', 'memory:', 'dynamodb:'],
  ])('the broker %s has no results in %s', async (broker, results, own) => {
    const settings = loadSettings({
      CELLAR_BROKER_URL: broker,
      CELLAR_RESULT_BACKEND: results,
      CELLAR_LOG_LEVEL: 'error',
    });
    const [code, message] = await codeOf(Cellar.open({ settings }));
    expect(code).toBe('not-supported');
    expect(message).toContain(`kept in ${results}, allowed: ${own}, redis:, rediss:`);
  });

  it('that is named as its own is', async () => {
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_RESULT_BACKEND: 'memory:' });
    const cellar = await Cellar.open({ settings });
    expect(cellar.backend.broker.capabilities.transactional).toBe(true);
    await cellar.close();
  });
});

(hasRedis() ? describe : describe.skip)('results in Redis, messages in a file', () => {
  const folder = temporaryFolder();
  const prefix = `shop-${randomUUID()}`;
  let redis: TestRedis;
  let cellar: Cellar;
  let runs = 0;

  beforeAll(async () => {
    redis = await startRedis();
    const sums = worker({ queue: 'sums' });
    const handlers = [
      sums.handle(add, async (_, { x, y }) => x + y),
      sums.handle(fail, async () => {
        throw new TaskException('ValueError', ['boom', 42], 'builtins');
      }),
      sums.handle(total, async (_, { all }) => all.reduce((sum, one) => sum + one, 0)),
      sums.handle(once, async () => ++runs),
    ];
    const settings = loadSettings({
      CELLAR_BROKER_URL: `embedded:${folder.path}/messages.db`,
      CELLAR_RESULT_BACKEND: `${redis.url}?global_keyprefix=${prefix}`,
      CELLAR_RESULT_EXPIRES: '500',
      CELLAR_LOG_LEVEL: 'error',
    });
    cellar = await Cellar.open({ settings, handlers });
  });
  afterAll(async () => {
    await cellar?.close();
    await redis?.stop();
    folder.remove();
  });

  it('a result is stored there, as Celery stores it, and nowhere else', async () => {
    const sent = await cellar.send(add({ x: 2, y: 3 }));
    expect(await sent.get({ timeoutMs: 20_000 })).toBe(5);
    const key = `${prefix}_celery-task-meta-${sent.id}`;
    expect(JSON.parse((await redis.client.get(key)) ?? '')).toMatchObject({
      status: 'SUCCESS',
      result: 5,
      traceback: null,
      children: [],
      date_done: expect.stringMatching(/^\d{4}-.+\+00:00$/),
      task_id: sent.id,
      name: 'tests.tasks.add',
      args: [2, 3],
      kwargs: {},
      retries: 0,
      queue: 'sums',
    });
    expect(await redis.client.ttl(key)).toBeGreaterThan(400);
    expect((await cellar.results.list({ limit: 1 })).map(({ id }) => id)).toEqual([sent.id]);
  });

  it('a failure is raised with what was thrown as its cause', async () => {
    const sent = await cellar.send(fail({}));
    await expect(sent.get({ timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'task-failed',
      message: 'ValueError: boom, 42',
      cause: { name: 'ValueError', module: 'builtins', arguments: ['boom', 42] },
    });
  });

  it('a chord is counted there, and leaves nothing of its count behind', async () => {
    const parts = [1, 2, 3].map((x) => add({ x, y: 10 }));
    const sent = await cellar.send(chord(parts, total.partial({})));
    expect(await sent.get({ timeoutMs: 20_000 })).toBe(36);
    await until(async () => (await redis.client.keys(`${prefix}_celery-taskset-meta-*`)).length === 0, 20_000);
    const failing = await cellar.send(chord([add({ x: 1, y: 1 }), fail({})], total.partial({})));
    await expect(failing.get({ timeoutMs: 20_000 })).rejects.toMatchObject({
      code: 'task-failed',
      message: expect.stringMatching(/ChordError: Dependency .* raised/),
    });
  });

  it('a task marked once runs once', async () => {
    const sent = await cellar.send(once({}), { taskId: 'once-1' });
    expect(await sent.get({ timeoutMs: 20_000 })).toBe(1);
    await cellar.backend.broker.publish(
      cellar.prepare((writer) => void writer.send(once({}), { taskId: 'once-1', deduplicationId: 'other' })),
    );
    await until(async () => {
      const [counts] = await cellar.admin.counts(['sums']);
      return counts?.ready === 0 && counts.inFlight === 0;
    }, 20_000);
    expect(runs).toBe(1);
  });

  it('the broker says that its acknowledgement and the result are no transaction; those of the application are', async () => {
    expect(cellar.backend.broker.capabilities.transactional).toBe(false);
    const sent = await cellar.transaction(({ send }) => send(add({ x: 1, y: 2 })));
    expect(await cellar.result(sent).get({ timeoutMs: 20_000 })).toBe(3);
  });

  it('a task that is revoked before it starts does not run', async () => {
    const sent = await cellar.send(add({ x: 1, y: 2 }), { countdown: 3600 });
    await cellar.revoke(sent.id);
    await expect(sent.get({ timeoutMs: 20_000 })).rejects.toMatchObject({ code: 'task-revoked' });
  });
});
