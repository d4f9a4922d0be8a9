import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { TaskPool } from '../../../shared/cellar/worker/pool.ts';
import { openNodeRig } from './node-rig.ts';

const work = worker({ queue: 'work' });
const side = worker({ queue: 'side' });
const add = task('tests.add', { params: { x: z.int() }, queue: 'work' });
const slow = task('tests.slow', { params: { name: z.string() }, queue: 'work' });
const limited = task('tests.limited', { params: { n: z.int() }, queue: 'work', rateLimit: '10/m' });
const other = task('tests.other', { params: {}, queue: 'side' });

/** Handlers, and what they ran. */
function recorded() {
  const ran: string[] = [];
  const handlers = [
    work.handle(add, (_context, { x }) => void ran.push(`add ${x}`)),
    work.handle(limited, (_context, { n }) => void ran.push(`limited ${n}`)),
    work.handle(slow, ({ signal }, { name }) => {
      ran.push(name);
      return new Promise((resolve) => signal.addEventListener('abort', resolve));
    }),
    side.handle(other, () => void ran.push('other')),
  ];
  return { ran, handlers };
}

/** Two children that die whatever they run. */
const dyingPool: TaskPool = {
  name: 'threads',
  run: async () => ({ outcome: { kind: 'lost', reason: 'killed' }, outbox: { messages: [], childIds: [] } }),
  terminate: () => false,
  processIds: () => [7, 8],
  close: async () => undefined,
};

describe('revoke', () => {
  it('keeps a task from running that comes later, and stores REVOKED at once', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('revoke', { task_id: ['zzz', 'yyy'] })).toEqual({
      ok: "tasks {'zzz', 'yyy'} flagged as revoked",
    });
    expect(await rig.cellar.result('zzz').state()).toBe('REVOKED');
    expect(await rig.ask('revoked')).toEqual(['zzz', 'yyy']);
    await rig.cellar.send(add({ x: 1 }), { taskId: 'zzz' });
    await rig.clock.settle();
    expect(ran).toEqual([]);
    await rig.close();
  });

  it('with terminate ends what runs here, and says where nothing does', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers);
    await rig.cellar.send(slow({ name: 'a' }), { taskId: 'a' });
    await rig.clock.settle();
    expect(await rig.ask('terminate', { task_id: 'a', signal: 'SIGKILL' })).toEqual({ ok: 'terminate: a' });
    await rig.clock.settle();
    expect(ran).toEqual(['a']);
    expect(await rig.ask('active')).toEqual([]);
    expect(await rig.cellar.result('a').state()).toBe('REVOKED');
    expect(await rig.ask('terminate', { task_id: 'a', signal: 'SIGKILL' })).toEqual({ ok: 'terminate: tasks unknown' });
    await rig.close();
  });

  it('knows stamps', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('revoke_by_stamped_headers', { headers: { batch: ['b1'] } })).toEqual({
      ok: 'headers {"batch":["b1"]} flagged as revoked, but not terminated',
    });
    await rig.close();
  });
});

describe('rate_limit', () => {
  it('spaces runs evenly from now on, and lets other tasks pass', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('rate_limit', { task_name: 'tests.add', rate_limit: '1/s' })).toEqual({
      ok: 'new rate limit set successfully',
    });
    for (const x of [1, 2, 3]) await rig.cellar.send(add({ x }));
    await rig.cellar.send(limited({ n: 1 }));
    await rig.clock.settle();
    expect(ran).toEqual(['add 1', 'limited 1']);
    await rig.clock.advance(999);
    expect(ran).toHaveLength(2);
    await rig.clock.advance(1_001);
    expect(ran.slice(2)).toEqual(['add 2', 'add 3']);
    expect(await rig.ask('registered')).toContain('tests.add [rate_limit=1/s]');
    await rig.close();
  });

  it('0 ends a limit, of those too that wait for it', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers);
    for (const n of [1, 2, 3]) await rig.cellar.send(limited({ n }));
    await rig.clock.settle();
    expect(ran).toEqual(['limited 1']);
    expect(await rig.ask('rate_limit', { task_name: 'tests.limited', rate_limit: 0 })).toEqual({
      ok: 'rate limit disabled successfully',
    });
    await rig.clock.settle();
    expect(ran).toEqual(['limited 1', 'limited 2', 'limited 3']);
    await rig.close();
  });

  it('refuses what is no limit or no task', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('rate_limit', { task_name: 'tests.add', rate_limit: 'often' })).toEqual({
      error: expect.stringContaining('Invalid rate limit string'),
    });
    expect(await rig.ask('rate_limit', { task_name: 'nobody', rate_limit: '1/s' })).toEqual({ error: 'unknown task' });
    await rig.close();
  });
});

describe('time_limit', () => {
  it('holds for runs that begin later', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('time_limit', { task_name: 'tests.slow', hard: 2 })).toEqual({
      ok: 'time limits set successfully',
    });
    await rig.cellar.send(slow({ name: 'a' }), { taskId: 'a' });
    await rig.clock.settle();
    await rig.clock.advance(2_100);
    expect(await rig.cellar.result('a').state()).toBe('FAILURE');
    expect(await rig.ask('time_limit', { task_name: 'nobody', hard: 2 })).toEqual({ error: 'unknown task' });
    expect(await rig.ask('time_limit', { task_name: 'tests.slow', hard: 'x' })).toEqual({
      error: expect.stringContaining('TypeError'),
    });
    await rig.close();
  });
});

describe('queues', () => {
  it('are added and cancelled at run time', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers, { queues: ['work'] });
    const names = async () => ((await rig.ask('active_queues')) as { name: string }[]).map(({ name }) => name);
    await rig.cellar.send(other({}));
    await rig.clock.settle();
    expect(ran).toEqual([]);
    expect(await rig.ask('add_consumer', { queue: 'side' })).toEqual({ ok: 'add consumer side' });
    await rig.clock.settle();
    expect(ran).toEqual(['other']);
    expect(await names()).toEqual(['work', 'side']);
    expect(await rig.ask('cancel_consumer', { queue: 'side' })).toEqual({ ok: 'no longer consuming from side' });
    await rig.cellar.send(other({}));
    await rig.clock.settle();
    expect(ran).toEqual(['other']);
    expect(await names()).toEqual(['work']);
    await rig.close();
  });

  it('without handlers here are refused', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('add_consumer', { queue: 'other' })).toEqual({
      error: expect.stringContaining('there are no handlers for the queue other, allowed: work, side'),
    });
    await rig.close();
  });
});

describe('the size', () => {
  it('grows and shrinks by one or as many as are asked for', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers, { queues: ['work'] });
    for (const name of ['a', 'b', 'c', 'd']) await rig.cellar.send(slow({ name }));
    await rig.clock.settle();
    expect(ran).toEqual(['a', 'b']);
    expect(await rig.ask('pool_grow')).toEqual({ ok: 'pool will grow' });
    await rig.clock.settle();
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(await rig.ask('pool_shrink', { n: 2 })).toEqual({ ok: 'pool will shrink' });
    expect(await rig.ask('stats')).toMatchObject({ pool: { 'max-concurrency': 1 } });
    expect(await rig.ask('autoscale', { max: 3 })).toEqual({ error: "ValueError('Autoscale not enabled')" });
    expect(await rig.ask('pool_restart')).toEqual({ error: "ValueError('Pool restarts not enabled')" });
    await rig.close();
  });

  it('is that of the pool too', async () => {
    const { handlers } = recorded();
    const sizes = new Map<string, number>();
    const pool: TaskPool = { ...dyingPool, resize: (queue, size) => void sizes.set(queue, size) };
    const rig = await openNodeRig(handlers, { pool });
    await rig.ask('pool_grow', { n: 3 });
    expect([...sizes]).toEqual([
      ['work', 5],
      ['side', 5],
    ]);
    expect(await rig.ask('stats')).toMatchObject({ pool: { implementation: 'cellar:threads', processes: [7, 8] } });
    await rig.close();
  });

  it('does not keep a monitor from hearing of a run whose child died', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers, { pool: dyingPool, sendsTaskEvents: true });
    await rig.cellar.send(add({ x: 1 }));
    await rig.clock.settle();
    const types = rig.taskEvents().map(({ type }) => type);
    expect(types.slice(0, 3)).toEqual(['task-received', 'task-started', 'task-rejected']);
    expect(rig.taskEvents()[2]).toMatchObject({ requeue: true });
    await rig.close();
  });

  it('follows need where it is asked to, down again after half a minute', async () => {
    const { ran, handlers } = recorded();
    const rig = await openNodeRig(handlers, { queues: ['work'], autoscale: { max: 3, min: 1 } });
    for (const name of ['a', 'b', 'c', 'd', 'e']) await rig.cellar.send(slow({ name }), { taskId: name });
    await rig.clock.settle();
    expect(ran).toEqual(['a']);
    await rig.clock.advance(1_000);
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(await rig.ask('pool_grow')).toEqual({ error: expect.stringContaining('not supported with autoscale') });
    for (const id of ['a', 'b', 'c', 'd', 'e']) await rig.ask('terminate', { task_id: id, signal: 'TERM' });
    await rig.clock.advance(29_000);
    expect(await rig.ask('stats')).toMatchObject({ autoscaler: { max: 3, min: 1, current: 3, qty: 0 } });
    await rig.clock.advance(3_000);
    expect(await rig.ask('stats')).toMatchObject({ autoscaler: { current: 1 } });
    expect(await rig.ask('autoscale', { max: 5, min: 2 })).toEqual({ ok: 'autoscale now max=5 min=2' });
    expect(await rig.ask('stats')).toMatchObject({ autoscaler: { current: 2 } });
    await rig.close();
  });
});

describe('shutdown', () => {
  it('asks the owner of the node to stop it, without an answer', async () => {
    const { handlers } = recorded();
    const rig = await openNodeRig(handlers);
    expect(await rig.ask('shutdown')).toBe(undefined);
    expect(rig.node.stopAsked.aborted).toBe(true);
    expect(rig.bus.replies).toEqual([]);
    await rig.close();
    expect(rig.bus.nodes()).toEqual([]);
  });
});

describe('hello', () => {
  it('gives a node that starts what was revoked before, and takes what it knows', async () => {
    const { handlers } = recorded();
    const first = await openNodeRig(handlers);
    await first.ask('revoke', { task_id: 'zzz' });
    const second = await openNodeRig(handlers, { bus: first.bus, name: 'w2@test', mingles: true });
    expect(await second.ask('revoked')).toEqual(['zzz']);
    expect(await first.ask('hello', { from_node: 'w3@x', revoked: { yyy: 1.5 } })).toEqual({
      revoked: { zzz: [expect.any(Number), 'zzz'], yyy: [expect.any(Number), 'yyy'] },
      clock: expect.any(Number),
    });
    expect(await first.ask('hello', { from_node: 'w1@test', revoked: {} })).toBe(null);
    await second.close();
    await first.close();
  });
});
