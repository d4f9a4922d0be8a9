/** Celery's own client, its command line and Flower against a node of Cellar's, over a real RabbitMQ. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import { askNodes } from '../../../shared/cellar/control/ask-nodes.ts';
import { startNode } from '../../../shared/cellar/control/start-node.ts';
import { TaskException } from '../../../shared/cellar/exception.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { type CeleryScript, hasCelery, startCeleryScript } from '../../support/celery.ts';
import { startCeleryWorker } from '../../support/celery-worker.ts';
import { type Flower, startFlower } from '../../support/flower.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../support/rabbitmq.ts';
import { until } from '../../support/running-shop.ts';
import { collectingLog } from '../worker/rig.ts';

const suite = hasRabbitmq() && hasCelery() ? describe : describe.skip;

const work = worker({ queue: 'control' });
const add = task('control.add', { params: { x: z.int(), y: z.int() }, queue: 'control' });
const fail = task('control.fail', { params: {}, queue: 'control' });
const slow = task('control.slow', { params: { name: z.string() }, queue: 'control' });
const side = worker({ queue: 'side' });
const aside = task('control.aside', { params: {}, queue: 'side' });

const NODE = 'cellar@test';
/** Long enough for a busy machine. */
const PATIENCE_MS = 30_000;

interface Seen {
  readonly workers: Readonly<Record<string, { readonly alive: boolean; readonly ident: string }>>;
  readonly tasks: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

async function openNode(rabbitmq: TestRabbitmq) {
  const ran: string[] = [];
  const handlers = [
    work.handle(add, (_context, { x, y }) => x + y),
    work.handle(fail, () => {
      throw new TaskException('ValueError', ['boom', 42], 'builtins');
    }),
    work.handle(slow, ({ signal }, { name }) => {
      ran.push(name);
      return new Promise((resolve) => signal.addEventListener('abort', resolve));
    }),
    side.handle(aside, () => void ran.push('aside')),
  ];
  const { log, logged } = collectingLog();
  const cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: rabbitmq.url, CELLAR_WORKER_CONCURRENCY: '2' }),
    // A queue that a Celery producer declares is a classic one.
    topology: topology({ queues: { control: { type: 'classic' }, side: { type: 'classic' } } }),
    log,
  });
  const available = registryOf(handlers.map((handler, index) => ({ handler, source: `handler ${index}` })));
  const node = await startNode(cellar, { available, queues: ['control'], name: NODE, mingles: false });
  return { cellar, node, ran, logged };
}

suite('a node on RabbitMQ', () => {
  let rabbitmq: TestRabbitmq;
  let open: Awaited<ReturnType<typeof openNode>>;
  let python: CeleryScript;
  let flower: Flower | undefined;

  beforeAll(async () => {
    rabbitmq = await startRabbitmq();
    open = await openNode(rabbitmq);
    python = startCeleryScript('control_app.py', rabbitmq.url);
    flower = await startFlower('control_app', rabbitmq);
    await python.ask({ listen: true });
  }, 120_000);

  afterAll(async () => {
    await flower?.stop();
    await python?.stop();
    await open?.node.stop({ cold: true });
    await open?.cellar.close();
    await rabbitmq?.stop();
  }, 60_000);

  const cli = (...words: readonly string[]) => python.ask<{ code: number; output: string }>({ cli: words });
  const inspect = async (name: string, args: readonly unknown[] = []) =>
    (await python.ask<Record<string, unknown> | null>({ inspect: name, destination: [NODE], args }))?.[NODE];
  const send = async (name: string, args: readonly unknown[] = [], options: object = {}) =>
    (await python.ask<{ id: string }>({ send: name, args, options: { queue: 'control', ...options } })).id;

  it('answers `celery status` and `celery inspect ping`', async () => {
    expect(await cli('status')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/cellar@test: OK[\s\S]*1 node online/),
    });
    const pinged = await cli('inspect', '--timeout', '3', '-d', NODE, 'ping');
    expect(pinged).toMatchObject({ code: 0, output: expect.stringContaining('pong') });
  });

  it.each([
    ['registered', '* control.add'],
    ['active_queues', "'name': 'control'"],
    ['active', '- empty -'],
    ['scheduled', '- empty -'],
    ['reserved', '- empty -'],
    ['revoked', '- empty -'],
    ['stats', '"implementation": "cellar:async"'],
    ['report', 'software -> cellar:'],
    ['conf', '"task_default_queue": "celery"'],
    ['clock', '"clock": '],
  ])('answers `celery inspect %s`', async (name, text) => {
    expect(await cli('inspect', '--timeout', '3', '-d', NODE, name)).toMatchObject({
      code: 0,
      output: expect.stringContaining(text),
    });
  });

  it('tells of tasks to `celery events`, and gives their results to the caller in Python', async () => {
    expect(await cli('control', '-d', NODE, 'enable_events')).toMatchObject({
      output: expect.stringContaining('task events'),
    });
    const [added, failed] = [await send('control.add', [2, 3]), await send('control.fail')];
    expect(await python.ask({ get: added })).toEqual({ state: 'SUCCESS', result: 5 });
    expect(await python.ask({ get: failed })).toEqual({ state: 'FAILURE', result: "ValueError('boom', 42)" });
    const seen = await until(async () => {
      const state = await python.ask<Seen>({ state: true });
      return state.tasks[added]?.state === 'SUCCESS' && state.tasks[failed]?.state === 'FAILURE' && state;
    }, PATIENCE_MS);
    expect(seen.workers[NODE]).toMatchObject({ alive: true, ident: 'cellar' });
    expect(seen.tasks[added]).toMatchObject({
      name: 'control.add',
      args: '(2, 3)',
      result: '5',
      runtime: expect.any(Number),
      worker: NODE,
    });
    expect(seen.tasks[failed]).toMatchObject({ exception: "ValueError('boom', 42)" });
  });

  it('is shown online by Flower, and so are its tasks', async () => {
    const id = await send('control.add', [20, 3]);
    const shown = await until(async () => {
      const found = (await flower?.get(`api/task/info/${id}`)) as Record<string, unknown> | undefined;
      return found?.state === 'SUCCESS' && found;
    }, PATIENCE_MS);
    expect(shown).toMatchObject({ name: 'control.add', args: '(20, 3)', result: '23', runtime: expect.any(Number) });
    const workers = await until(async () => {
      const found = (await flower?.get('api/workers?refresh=1')) as Record<string, object> | undefined;
      return found?.[NODE] !== undefined && 'stats' in found[NODE] && found;
    }, PATIENCE_MS);
    expect(workers[NODE]).toMatchObject({
      active_queues: [{ name: 'control' }],
      registered: expect.arrayContaining(['control.add']),
      stats: { pid: process.pid },
    });
    const tasks = (await flower?.get('api/tasks?taskname=control.add')) as Record<string, { worker: string }>;
    expect(tasks[id]).toMatchObject({ state: 'SUCCESS', worker: NODE });
    expect(await flower?.get('api/workers?status=1')).toMatchObject({ [NODE]: true });
  });

  it('obeys `celery control revoke` of what waits, and terminate of what runs', async () => {
    expect(await cli('control', '-d', NODE, 'revoke', 'to-be-revoked')).toMatchObject({
      output: expect.stringContaining("tasks {'to-be-revoked'} flagged as revoked"),
    });
    expect(await inspect('revoked')).toContain('to-be-revoked');
    const running = await send('control.slow', ['runs'], { task_id: 'runs' });
    await until(() => open.ran.includes('runs'), PATIENCE_MS);
    expect(await inspect('active')).toMatchObject([{ id: running, args: ['runs'], worker_pid: process.pid }]);
    expect(await inspect('query_task', [running])).toMatchObject({ [running]: ['active', { name: 'control.slow' }] });
    const ended = await cli('control', '-d', NODE, 'terminate', 'SIGTERM', running);
    expect(ended).toMatchObject({ output: expect.stringContaining('terminate: runs') });
    expect(await python.ask({ get: running })).toMatchObject({ state: 'REVOKED' });
    await send('control.slow', ['revoked'], { task_id: 'to-be-revoked' });
    expect(await python.ask({ get: 'to-be-revoked' })).toMatchObject({ state: 'REVOKED' });
    expect(open.ran).not.toContain('revoked');
  });

  it('obeys the other commands of `celery control`', async () => {
    const said = async (...words: readonly string[]) =>
      (await cli('control', '--timeout', '3', '-d', NODE, ...words)).output;
    expect(await said('rate_limit', 'control.add', '100/s')).toContain('new rate limit set successfully');
    expect(await inspect('registered')).toContain('control.add [rate_limit=100/s]');
    expect(await said('rate_limit', 'control.add', '0')).toContain('rate limit');
    expect(await said('time_limit', 'control.add', '5', '10')).toContain('time limits set successfully');
    expect(await said('pool_grow', '2')).toContain('pool will grow');
    expect(await inspect('stats')).toMatchObject({ pool: { 'max-concurrency': 4 } });
    expect(await said('pool_shrink', '2')).toContain('pool will shrink');
    expect(await said('add_consumer', 'side')).toContain('add consumer side');
    expect(await inspect('active_queues')).toMatchObject([{ name: 'control' }, { name: 'side' }]);
    expect(await said('cancel_consumer', 'side')).toContain('no longer consuming from side');
    expect(await said('disable_events')).toContain('task events disabled');
  });

  it('answers Cellar’s own client, and knows who is not there', async () => {
    const answers = await askNodes(open.cellar, 'ping', {}, { destination: [NODE], timeoutMs: PATIENCE_MS });
    expect([...answers]).toEqual([[NODE, { ok: 'pong' }]]);
    expect([...(await askNodes(open.cellar, 'ping', {}, { destination: ['x@y'], timeoutMs: 200 }))]).toEqual([]);
  });

  it('declares its mailbox and the exchanges as Celery does', async () => {
    const { management, name } = rabbitmq;
    const mailbox = await management.request('GET', `queues/${name}/${encodeURIComponent(`${NODE}.celery.pidbox`)}`);
    expect(mailbox).toMatchObject({
      durable: false,
      auto_delete: true,
      exclusive: false,
      arguments: { 'x-expires': 10_000, 'x-message-ttl': 300_000 },
    });
    const exchange = (which: string) => management.request('GET', `exchanges/${name}/${which}`);
    expect(await exchange('celeryev')).toMatchObject({ type: 'topic', durable: true, auto_delete: false });
    expect(await exchange('celery.pidbox')).toMatchObject({ type: 'fanout', durable: false, auto_delete: false });
    expect(await exchange('reply.celery.pidbox')).toMatchObject({ type: 'direct', durable: false, auto_delete: false });
  });

  it('exchanges what was revoked with a Celery worker that starts', async () => {
    await cli('control', '-d', NODE, 'revoke', 'known-before');
    const celery = await startCeleryWorker('control_app', { url: rabbitmq.url, name: 'py@test', queue: 'python' });
    try {
      expect(celery.output()).toContain('mingle: sync complete');
      const revoked = await askNodes(open.cellar, 'revoked', {}, { destination: ['py@test'], timeoutMs: PATIENCE_MS });
      expect(revoked.get('py@test')).toContain('known-before');
      expect(await cli('status')).toMatchObject({ output: expect.stringContaining('2 nodes online') });
    } finally {
      await celery.stop();
    }
  });

  it('is asked to stop by `celery control shutdown`', async () => {
    await cli('control', '--timeout', '0.2', '-d', NODE, 'shutdown');
    await until(() => open.node.stopAsked.aborted, PATIENCE_MS);
    await open.node.stop();
    // A monitor need not wait for its signs of life to fail.
    await until(async () => (await python.ask<Seen>({ state: true })).workers[NODE]?.alive === false, PATIENCE_MS);
  });
});
