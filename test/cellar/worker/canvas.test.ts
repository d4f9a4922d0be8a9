import { describe, expect, it } from '@jest/globals';
import { chain, group, task, worker } from 'cellar';
import * as z from 'zod/mini';
import { openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const add = task('math.add', { params: { x: z.number(), y: z.number() }, returns: z.number(), queue: 'work' });
const fail = task('tests.fail', { params: { x: z.number() }, returns: z.number(), queue: 'work' });
const note = task('tests.note', { params: { text: z.unknown() }, queue: 'work' });
const seen: unknown[] = [];

function open() {
  seen.length = 0;
  return openRig([
    work.handle(add, ({ request }, { x, y }) => {
      seen.push({ sum: x + y, root: request.rootId, parent: request.parentId });
      return x + y;
    }),
    work.handle(fail, () => {
      throw new RangeError('no');
    }),
    work.handle(note, (_context, { text }) => {
      seen.push(text);
    }),
  ]);
}

describe('a chain', () => {
  it('hands each result on, each step with its parent, all with one root', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(chain(add({ x: 2, y: 2 }), add.partial({ y: 4 }), add.partial({ y: 10 })), {
      taskId: 'the-last',
    });
    expect(sent.id).toBe('the-last');
    expect(await rig.work()).toBe(3);
    expect(await sent.get()).toBe(18);
    const [first, second, third] = seen as { sum: number; root: string; parent?: string }[];
    expect([first?.sum, second?.sum, third?.sum]).toEqual([4, 8, 18]);
    expect(first?.parent).toBeUndefined();
    expect(second?.parent).toBe(first?.root);
    expect(new Set([first?.root, second?.root, third?.root]).size).toBe(1);
    const links = await rig.cellar.results.get([first?.root ?? '', third?.parent ?? '']);
    expect(links.map((stored) => stored?.children)).toEqual([[third?.parent], ['the-last']]);
  });

  it('keeps the ids that its steps ask for, and runs complete steps without the result', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(
      chain(add({ x: 1, y: 1 }, { taskId: 'one' }), add({ x: 5, y: 5 }, { taskId: 'two' })),
    );
    await rig.work();
    expect(sent.id).toBe('two');
    expect(await rig.stored('one')).toEqual({ state: 'SUCCESS', result: 2 });
    expect(await rig.stored('two')).toEqual({ state: 'SUCCESS', result: 10 });
  });

  it('of which a step fails ends as a whole: who waits on the last is told, nothing more runs', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(
      chain(add({ x: 2, y: 2 }), fail.partial({}), add.partial({ y: 1 }), add.partial({ y: 2 })),
    );
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({ code: 'task-failed', message: 'RangeError: no' });
    const states = (await rig.cellar.results.list({ limit: 10 })).map(({ task: name, state }) => `${name} ${state}`);
    expect(states.sort()).toEqual(['math.add FAILURE', 'math.add FAILURE', 'math.add SUCCESS', 'tests.fail FAILURE']);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 1 });
  });

  it('of which a step is revoked or expires is REVOKED to its end', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(chain(add({ x: 2, y: 2 }), add.partial({ y: 1 })), { expires: 5 });
    await rig.clock.advance(6000);
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({ code: 'task-revoked' });
  });

  it('goes on after its failed step was sent back and succeeded', async () => {
    let broken = true;
    const flaky = task('tests.flaky', { params: {}, returns: z.number(), queue: 'work' });
    const last = task('tests.last', { params: { x: z.number() }, returns: z.number(), queue: 'work', once: true });
    const rig = await openRig([
      work.handle(flaky, () => {
        if (broken) throw new Error('broken');
        return 1;
      }),
      work.handle(last, (_context, { x }) => x + 1),
    ]);
    const sent = await rig.cellar.send(chain(flaky(), last.partial({})));
    await rig.work();
    expect(await sent.state()).toBe('FAILURE');
    broken = false;
    expect(await rig.cellar.admin.redrive('work')).toBe(1);
    await rig.work();
    expect(await sent.get()).toBe(2);
  });

  it('whose next step cannot be sent fails with the step before it', async () => {
    const rig = await open();
    const body =
      '[[1, 2], {}, {"chain": [{"task": "math.add", "args": [1], "kwargs": {}, "options": {"task_id": "next", "queue": "nowhere"}}]}]';
    await rig.runWire({ headers: { id: 'a', task: 'math.add' }, correlationId: 'a', body });
    expect((await rig.stored('a')).state).toBe('FAILURE');
    expect((await rig.stored('next')).state).toBe('FAILURE');
  });
});

describe('links', () => {
  it('send the result on success, with their own links to follow', async () => {
    const rig = await open();
    await rig.cellar.send(add({ x: 1, y: 2 }), {
      link: [note.partial({}), add.partial({ y: 10 }, { link: [note.partial({})] }), note({ text: 'fixed' })],
    });
    await rig.work();
    expect(seen.filter((entry) => typeof entry !== 'object')).toEqual([3, 'fixed', 13]);
  });

  it('of a foreign signature that names no queue go to the queue of the task', async () => {
    const rig = await open();
    const callback =
      '{"task": "math.add", "args": [1], "kwargs": {}, "options": {"link": [{"task": "tests.note", "args": [], "kwargs": {}, "options": {}}]}}';
    await rig.runWire({
      headers: { id: 'a', task: 'math.add' },
      correlationId: 'a',
      body: `[[1, 2], {}, {"callbacks": [${callback}]}]`,
    });
    await rig.work();
    expect(seen.at(-1)).toBe(4);
  });

  it('send the id of a failed task, and only when it failed for good', async () => {
    const retried = task('tests.retried', { params: {}, queue: 'work', retry: { maxRetries: 1, delaySeconds: 1 } });
    const notes: unknown[] = [];
    const rig = await openRig([
      work.handle(retried, () => {
        throw new Error('no');
      }),
      work.handle(note, (_context, { text }) => {
        notes.push(text);
      }),
    ]);
    const { id } = await rig.cellar.send(retried(), { linkError: [note.partial({})] });
    await rig.work();
    expect(notes).toEqual([]);
    await rig.clock.advance(1000);
    await rig.work();
    expect(notes).toEqual([id]);
  });

  it('that cannot be sent after a failure do not hide the failure', async () => {
    const rig = await open();
    const errback = '{"task": "tests.note", "args": [], "kwargs": {}, "options": {"queue": "nowhere"}}';
    await rig.runWire({
      headers: { id: 'a', task: 'tests.fail' },
      correlationId: 'a',
      body: `[[1], {}, {"errbacks": [${errback}]}]`,
    });
    expect(await rig.stored('a')).toMatchObject({ state: 'FAILURE', result: { exc_type: 'RangeError' } });
    expect(await rig.reasons()).toEqual([expect.stringContaining('no errback was sent')]);
  });
});

describe('a group', () => {
  it('answers the results in the order of its members', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(group([1, 2, 3].map((x) => add({ x, y: 0 }))));
    expect(new Set(sent.members.map(({ id }) => id)).size).toBe(3);
    await rig.work();
    expect(await sent.get()).toEqual([1, 2, 3]);
    const stored = await rig.cellar.results.get(sent.members.map(({ id }) => id));
    expect(stored.map((result) => result?.groupId)).toEqual([sent.id, sent.id, sent.id]);
  });

  it('of which a member fails rejects with its failure', async () => {
    const rig = await open();
    const sent = await rig.cellar.send(group([add({ x: 1, y: 0 }), fail({ x: 1 })]));
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({ code: 'task-failed' });
  });
});
