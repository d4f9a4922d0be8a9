import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import { TaskException } from '../../../shared/cellar/exception.ts';
import { capturedTaskEvents, golden, shapeOf } from './golden.ts';
import { openNodeRig } from './node-rig.ts';

const work = worker({ queue: 'work' });
const add = task('proj.tasks.add', { params: { x: z.int(), y: z.int() }, queue: 'work' });
const fail = task('proj.tasks.fail', { params: {}, queue: 'work' });
const flaky = task('proj.tasks.flaky', { params: {}, queue: 'work', retry: { maxRetries: 2, delaySeconds: 1 } });
const custom = task('proj.tasks.custom', { params: {}, queue: 'work' });
const refused = task('proj.tasks.refused', { params: {}, queue: 'work' });
const unsent = task('proj.tasks.unsent', { params: {}, queue: 'work' });
const slow = task('proj.tasks.slow', { params: {}, queue: 'work' });
const unknown = task('no.such.task', { params: {}, queue: 'work' });

const handlers = [
  work.handle(add, (_context, { x, y }) => x + y),
  work.handle(fail, () => {
    throw new TaskException('ValueError', ['boom', 42], 'builtins');
  }),
  work.handle(flaky, () => {
    throw new TaskException('KeyError', ['nope'], 'builtins');
  }),
  work.handle(custom, () => ({ a: [1, null, true] })),
  work.handle(refused, ({ reject }) => reject('not today')),
  work.handle(unsent, () => new (class Bottle {})()),
  work.handle(slow, ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))),
];

const open = () => openNodeRig(handlers, { sendsTaskEvents: true });

/** Events that have more than Celery's, by case and type. */
const MORE: Readonly<Record<string, Readonly<Record<string, object>>>> = {
  // Celery tells no traceback of a task that it does not know.
  unknown: { 'task-failed': { traceback: 'string' } },
};

describe('events of tasks', () => {
  const cases = [
    ['success', add({ x: 2, y: 3 })],
    ['failure', fail({})],
    ['custom', custom({})],
    ['unknown', unknown({})],
  ] as const;
  it.each(cases)('of the case %s have the shape of those of Celery', async (name, signature) => {
    const rig = await open();
    await rig.cellar.send<unknown>(signature);
    await rig.clock.settle();
    const captured = capturedTaskEvents(name);
    const ours = rig.taskEvents();
    // A Celery worker does not tell that it received what it does not know.
    const told = name === 'unknown' ? ours.filter(({ type }) => type !== 'task-received') : ours;
    const expected = captured.map((event) => ({ ...Object(shapeOf(event)), ...MORE[name]?.[String(event.type)] }));
    expect(told.map(shapeOf)).toEqual(expected);
    await rig.close();
  });

  it('tell results, exceptions and arguments as Python writes them', async () => {
    const rig = await open();
    for (const signature of [add({ x: 2, y: 3 }), custom({}), fail({}), refused({}), unknown({})]) {
      await rig.cellar.send(signature);
      await rig.clock.settle();
    }
    const told = rig.taskEvents();
    const fields = (type: string) => told.filter((event) => event.type === type);
    expect(fields('task-received')[0]).toMatchObject({ name: 'proj.tasks.add', args: '(2, 3)', kwargs: '{}' });
    expect(fields('task-succeeded').map(({ result }) => result)).toEqual(['5', "{'a': [1, None, True]}"]);
    expect(fields('task-failed').map(({ exception }) => exception)).toEqual([
      "ValueError('boom', 42)",
      "NotRegistered('no.such.task')",
    ]);
    expect(fields('task-rejected')).toMatchObject([{ requeue: false }]);
    await rig.close();
  });

  it('of retries have the shape of those of Celery', async () => {
    const rig = await open();
    await rig.cellar.send(flaky({}));
    await rig.clock.settle();
    await rig.clock.advance(1_100);
    await rig.clock.advance(1_100);
    const kinds = ({ type }: Record<string, unknown>) => String(type);
    const captured = capturedTaskEvents('retry_then_fail');
    expect(rig.taskEvents().map(kinds).sort()).toEqual(captured.map(kinds).sort());
    for (const type of ['task-retried', 'task-failed']) {
      const one = (events: readonly Record<string, unknown>[]) => shapeOf(events.find((event) => event.type === type));
      expect(one(rig.taskEvents())).toEqual(one(captured));
    }
    // A message that waits for its time is told when it is taken, not when the broker keeps it.
    expect(rig.taskEvents().filter(({ type }) => type === 'task-received')).toHaveLength(3);
    await rig.close();
  });

  it('of what expired or was revoked have the shape of those of Celery', async () => {
    const rig = await open();
    await rig.cellar.send(add({ x: 1, y: 1 }), { expires: new Date(rig.clock.now() - 1_000) });
    await rig.clock.settle();
    const revoked = (name: string) => capturedTaskEvents(name).find(({ type }) => type === 'task-revoked');
    const ours = () => rig.taskEvents().filter(({ type }) => type === 'task-revoked');
    expect(ours().map(shapeOf)).toEqual([shapeOf(revoked('expired_in_worker'))]);
    expect(ours()[0]).toMatchObject({ expired: true, terminated: false });
    await rig.ask('revoke', { task_id: 'zzz' });
    await rig.cellar.send(add({ x: 1, y: 1 }), { taskId: 'zzz' });
    await rig.clock.settle();
    expect(shapeOf(ours()[1])).toEqual(shapeOf(revoked('revoked')));
    expect(ours()[1]).toMatchObject({ uuid: 'zzz', expired: false, terminated: false, signum: null });
    await rig.close();
  });

  it('tell the signal that ended a run', async () => {
    const rig = await open();
    const { id } = await rig.cellar.send(slow({}));
    await rig.clock.settle();
    expect(await rig.ask('revoke', { task_id: id, terminate: true, signal: 'KILL' })).toEqual({
      ok: `terminate: ${id}`,
    });
    expect(rig.taskEvents().at(-1)).toMatchObject({ type: 'task-revoked', uuid: id, terminated: true, signum: 9 });
    await rig.close();
  });

  it('tell a failure where a result cannot be stored', async () => {
    const rig = await open();
    await rig.cellar.send(unsent({}));
    await rig.clock.settle();
    expect(rig.taskEvents().at(-1)).toMatchObject({
      type: 'task-failed',
      exception: expect.stringContaining('Bottle'),
    });
    await rig.close();
  });

  it('are sent when a monitor asks for them only, and no longer than it wants', async () => {
    const rig = await openNodeRig(handlers);
    await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.clock.settle();
    expect(rig.taskEvents()).toEqual([]);
    expect(await rig.ask('enable_events')).toEqual({ ok: 'task events enabled' });
    expect(await rig.ask('enable_events')).toEqual({ ok: 'task events already enabled' });
    await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.clock.settle();
    expect(rig.taskEvents()).toHaveLength(3);
    expect(await rig.ask('disable_events')).toEqual({ ok: 'task events disabled' });
    await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.clock.settle();
    expect(rig.taskEvents()).toHaveLength(3);
    await rig.close();
  });

  it('travel with the headers of Celery and a clock that never stands still', async () => {
    const rig = await open();
    await rig.cellar.sendAll([add({ x: 1, y: 1 }), add({ x: 2, y: 2 })]);
    await rig.clock.settle();
    const clocks = rig.taskEvents().map(({ clock }) => Number(clock));
    expect(clocks).toEqual([...clocks].sort((left, right) => left - right));
    expect(new Set(clocks).size).toBe(6);
    const { headers } = rig.bus.events.find(({ routingKey }) => routingKey === 'task.multi') ?? { headers: {} };
    expect(headers).toEqual({ hostname: 'w1@test' });
    await rig.close();
  });
});

describe('events of a node', () => {
  it('have the shape of those of Celery and come every two seconds', async () => {
    const rig = await openNodeRig(handlers);
    await rig.clock.advance(4_000);
    const [online, first, second] = rig.nodeEvents();
    expect([online, first, second].map(shapeOf)).toEqual(golden.events_startup.map(({ body }) => shapeOf(body)));
    expect(rig.nodeEvents().map(({ type }) => type)).toEqual(['worker-online', 'worker-heartbeat', 'worker-heartbeat']);
    await rig.close();
    expect(rig.nodeEvents().at(-1)).toMatchObject({ type: 'worker-offline', sw_ident: 'cellar', freq: 2 });
  });

  it('count what ran', async () => {
    const rig = await openNodeRig(handlers);
    await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.cellar.send(slow({}));
    await rig.clock.advance(2_000);
    expect(rig.nodeEvents().at(-1)).toMatchObject({ active: 1, processed: 2 });
    await rig.close();
  });

  it('are not sent without a heartbeat, but when one is asked for', async () => {
    const rig = await openNodeRig(handlers, { hasHeartbeat: false });
    await rig.clock.advance(10_000);
    expect(rig.nodeEvents()).toEqual([]);
    expect(await rig.ask('heartbeat')).toBe(null);
    expect(rig.nodeEvents()).toMatchObject([{ type: 'worker-heartbeat', freq: 5 }]);
    await rig.close();
    expect(rig.nodeEvents()).toHaveLength(1);
  });
});
