import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { WireSignature } from '../../../shared/cellar/message.ts';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work', context: () => ({ factor: 10 }) });
const add = task('math.add', { params: { x: z.number(), y: z.number() }, returns: z.number(), queue: 'work' });
const times = task('math.times', { params: { x: z.number() }, returns: z.number(), queue: 'work' });
const total = task('math.total', { params: { numbers: z.array(z.unknown()) }, queue: 'work' });
const fail = task('tests.fail', { params: { x: z.unknown() }, queue: 'work' });
const note = task('tests.note', { params: { text: z.unknown() }, queue: 'work' });

async function open(): Promise<{ rig: Rig; notes: unknown[] }> {
  const notes: unknown[] = [];
  const rig = await openRig([
    work.handle(add, (_context, { x, y }) => x + y),
    work.handle(times, ({ factor }, { x }) => x * factor),
    work.handle(total, (_context, { numbers }) => numbers),
    work.handle(note, (_context, { text }) => void notes.push(text)),
    work.handle(fail, ({ retry }, { x }) => {
      if (x === 'retry') return retry();
      throw new RangeError('no');
    }),
  ]);
  return { rig, notes };
}

function signature(name: string, fields: Partial<WireSignature> = {}): WireSignature {
  return { task: name, args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false, ...fields };
}

/** Runs a task as a foreign producer sends it; what is stored of it. */
async function run(rig: Rig, name: string, kwargs: object, args: readonly unknown[] = []) {
  const body = JSON.stringify([args, kwargs, {}]);
  await rig.runWire({ headers: { task: name, id: 'built-in' }, correlationId: 'built-in', body });
  return await rig.stored('built-in');
}

describe('the tasks that every worker knows', () => {
  it('call one task with each of many items, one after the other', async () => {
    const { rig } = await open();
    expect(await run(rig, 'celery.map', { task: signature('math.times'), it: [1, 2] })).toMatchObject({
      result: [10, 20],
    });
    const { rig: other } = await open();
    expect(
      await run(other, 'celery.starmap', {}, [
        signature('math.add'),
        [
          [1, 2],
          [3, 4],
        ],
      ]),
    ).toMatchObject({ result: [3, 7] });
  });

  it.each([
    ['a task that is not here', { task: signature('math.nowhere'), it: [1] }, 'NotRegistered'],
    ['a task that fails', { task: signature('tests.fail'), it: [1] }, 'RangeError'],
    ['a task that asks for a retry', { task: signature('tests.fail'), it: ['retry'] }, 'TypeError'],
    ['arguments that do not fit', { task: signature('math.times'), it: ['x'] }, 'TypeError'],
    ['no list', { task: signature('math.times'), it: 5 }, 'TypeError'],
    ['no signature', { task: 'math.times', it: [] }, 'TypeError'],
  ])('fail as a whole with %s', async (_name, kwargs, type) => {
    const { rig } = await open();
    expect(await run(rig, 'celery.map', kwargs)).toMatchObject({ state: 'FAILURE', result: { exc_type: type } });
  });

  it('send chunks, groups and chords', async () => {
    const { rig } = await open();
    const it = [1, 2, 3, 4, 5].map((x) => [x, x]);
    const { result } = await run(rig, 'celery.chunks', { task: signature('math.add'), it, n: 2 });
    const [, members] = result as [unknown, [[string, null], null][]];
    await rig.work();
    const parts = await Promise.all(members.map(([[id]]) => rig.stored(id)));
    expect(parts.map((part) => part.result)).toEqual([[2, 4], [6, 8], [10]]);

    const { rig: second } = await open();
    const tasks = [1, 2].map((x) => signature('math.add', { args: [x] }));
    const group = { tasks, result: 'as it is', group_id: 'g', partial_args: [100] };
    expect(await run(second, 'celery.group', group)).toMatchObject({ result: 'as it is' });
    await second.work();
    const ended = (await second.cellar.results.list({ limit: 9, task: 'math.add' })).filter(
      ({ groupId }) => groupId === 'g',
    );
    expect(ended.map((stored) => stored.result).sort()).toEqual(['101', '102']);

    const { rig: third } = await open();
    const body = signature('math.total', { options: { task_id: 'body' } });
    const chord = await run(third, 'celery.chord', { header: tasks, body, partial_args: [10] });
    expect(chord).toMatchObject({ result: [['body', null], null] });
    await third.work();
    expect(await third.stored('body')).toEqual({ state: 'SUCCESS', result: [11, 12] });
  });

  it('say what Celery says of a chain', async () => {
    const { rig } = await open();
    expect(await run(rig, 'celery.chain', { tasks: [] })).toMatchObject({
      result: { exc_type: 'NotImplementedError', exc_module: 'builtins' },
    });
  });

  it('accumulate arguments, all or one', async () => {
    const { rig } = await open();
    expect(await run(rig, 'celery.accumulate', {}, [1, [2]])).toMatchObject({ result: [1, [2]] });
    const { rig: other } = await open();
    expect(await run(other, 'celery.accumulate', { index: 1 }, [1, [2]])).toMatchObject({ result: [2] });
  });

  it('delete results that have expired', async () => {
    const { rig } = await open();
    await rig.run(add({ x: 1, y: 1 }));
    await rig.clock.advance(86_400_000 * 2);
    expect(await run(rig, 'celery.backend_cleanup', {})).toEqual({ state: 'SUCCESS', result: null });
    expect(await rig.cellar.results.cleanup()).toBe(0);
  });

  it('give way to a handler of that name', async () => {
    const own = task('celery.map', { params: { task: z.unknown(), it: z.unknown() }, queue: 'work' });
    const rig = await openRig([work.handle(own, () => 'mine')]);
    expect(await run(rig, 'celery.map', { task: 1, it: 2 })).toMatchObject({ result: 'mine' });
  });

  it('that nobody knows are refused', async () => {
    const { rig } = await open();
    expect(await run(rig, 'celery.toString', {})).toMatchObject({ result: { exc_type: 'NotRegistered' } });
  });
});

describe('celery.chord_unlock', () => {
  const tuple = (id: string) => [[id, null], null];
  const callback = (options: object = {}) => signature('math.total', { options: { task_id: 'body', ...options } });

  async function unlock(rig: Rig, results: readonly unknown[], body: WireSignature = callback()) {
    const message = JSON.stringify([['a-group', body], { result: results }, {}]);
    await rig.runWire({
      headers: { task: 'celery.chord_unlock', id: 'unlock' },
      correlationId: 'unlock',
      body: message,
    });
  }

  it('runs again each second until all parts have ended, then sends the body with their results', async () => {
    const { rig } = await open();
    await unlock(rig, [
      tuple('one'),
      [
        ['inner', null],
        [tuple('two'), tuple('one')],
      ],
    ]);
    expect(await rig.counts()).toMatchObject({ ready: 0, delayed: 1 });
    await rig.run(add({ x: 1, y: 1 }, { taskId: 'one' }));
    for (let second = 0; second < 5; second++) {
      await rig.clock.advance(1000);
      await rig.work();
    }
    expect(await rig.stored('body')).toMatchObject({ state: 'PENDING' });
    await rig.run(add({ x: 2, y: 2 }, { taskId: 'two' }));
    await rig.clock.advance(1000);
    await rig.work();
    expect(await rig.stored('body')).toEqual({ state: 'SUCCESS', result: [2, [4, 2]] });
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
    expect(await rig.stored('unlock')).toMatchObject({ state: 'PENDING' });
  });

  it('ends the body as a failure when a part failed', async () => {
    const { rig, notes } = await open();
    await rig.run(fail({ x: 1 }, { taskId: 'one' }));
    await unlock(rig, [tuple('one')], callback({ link_error: [signature('tests.note')] }));
    await rig.work();
    expect(await rig.stored('body')).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'ChordError', exc_message: ["Dependency one raised RangeError('no')"] },
    });
    expect(notes).toEqual(['body']);
  });

  it('gives up after the retries that it was given', async () => {
    const { rig } = await open();
    const message = JSON.stringify([['g', callback()], { result: [tuple('one')], max_retries: 1, interval: 2 }, {}]);
    await rig.runWire({ headers: { task: 'celery.chord_unlock', id: 'u' }, correlationId: 'u', body: message });
    await rig.clock.advance(2000);
    await rig.work();
    expect(await rig.counts()).toMatchObject({ delayed: 0, dead: 1 });
  });
});
