/** A caller and a worker node on RabbitMQ with no result backend set: results are messages (`rpc:`). */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod/mini';
import { chain } from '../../../shared/cellar/canvas.ts';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import { askNodes } from '../../../shared/cellar/control/ask-nodes.ts';
import { type RunningNode, startNode } from '../../../shared/cellar/control/start-node.ts';
import { TaskException } from '../../../shared/cellar/exception.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { task } from '../../../shared/cellar/task.ts';
import { topology } from '../../../shared/cellar/topology.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { worker } from '../../../shared/cellar/worker.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../support/rabbitmq.ts';
import { until } from '../../support/running-shop.ts';

const add = task('tests.tasks.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'sums' });
const fail = task('tests.tasks.fail', { params: {}, queue: 'sums' });
const hold = task('tests.tasks.hold', { params: {}, queue: 'sums' });
const once = task('tests.tasks.once', { params: {}, queue: 'sums', once: true });
const sums = worker({ queue: 'sums' });
const timeoutMs = 20_000;

(hasRabbitmq() ? describe : describe.skip)('results as messages on RabbitMQ', () => {
  let rabbit: TestRabbitmq;
  let caller: Cellar;
  let host: Cellar;
  let node: RunningNode;
  let letGo: () => void = () => undefined;
  const open = () =>
    Cellar.open({
      settings: loadSettings({ CELLAR_BROKER_URL: rabbit.url, CELLAR_LOG_LEVEL: 'error' }),
      topology: topology({ queues: { sums: {} } }),
    });

  beforeAll(async () => {
    rabbit = await startRabbitmq();
    [caller, host] = [await open(), await open()];
    const handlers = [
      sums.handle(add, async (_, { x, y }) => x + y),
      sums.handle(fail, async () => {
        throw new TaskException('ValueError', ['boom', 42], 'builtins');
      }),
      sums.handle(hold, () => new Promise<void>((resolve) => (letGo = resolve))),
    ];
    const available = registryOf(handlers.map((handler) => ({ handler, source: 'the test' })));
    node = await startNode(host, { available, concurrency: 1, mingles: false });
  }, 120_000);
  afterAll(async () => {
    letGo();
    await node?.stop();
    await Promise.all([caller?.close(), host?.close()]);
    await rabbit?.stop();
  });

  it('the caller hears of a task and of the last step of a chain', async () => {
    expect(await (await caller.send(add({ x: 1, y: 2 }))).get({ timeoutMs })).toBe(3);
    const sum = await caller.send(chain(add({ x: 1, y: 2 }), add.partial({ y: 4 })));
    expect(await sum.get({ timeoutMs })).toBe(7);
    expect(await host.result(sum.id).state()).toBe('PENDING'); // nobody else does
  });

  it('the caller hears what a task threw', async () => {
    await expect((await caller.send(fail({}))).get({ timeoutMs })).rejects.toMatchObject({
      code: 'task-failed',
      cause: { name: 'ValueError', module: 'builtins', arguments: ['boom', 42] },
    });
  });

  it('a task that is revoked while it waits does not run', async () => {
    const held = await caller.send(hold({}));
    const waiting = await caller.send(add({ x: 1, y: 1 }));
    await caller.revoke(waiting.id);
    await until(async () => {
      const answers = await askNodes(caller, 'revoked', {}, { timeoutMs: 200 });
      return [...answers.values()].flat().includes(waiting.id);
    }, timeoutMs);
    letGo();
    await held.get({ timeoutMs });
    await expect(waiting.get({ timeoutMs })).rejects.toMatchObject({ code: 'task-revoked' });
  });

  it('what needs a store is refused: a task marked once, and beat', async () => {
    const available = registryOf([{ handler: sums.handle(once, async () => undefined), source: 'the test' }]);
    const starting = startNode(host, { available, name: 'other@%h', mingles: false });
    await expect(starting).rejects.toMatchObject({ code: 'not-supported', message: expect.stringContaining('rpc:') });
    await expect(caller.backend.schedules.lastFired()).rejects.toMatchObject({ code: 'not-supported' });
  });
});
