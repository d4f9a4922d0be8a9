import { describe, expect, it } from '@jest/globals';
import { chain, chord, group, task, type Work, withOptions, worker } from 'cellar';
import * as z from 'zod/mini';
import type { ChordStore } from '../../../shared/cellar/chord-store.ts';
import { openRig, type Rig, type RigOptions } from './rig.ts';

const work = worker({ queue: 'work' });
const add = task('math.add', { params: { x: z.number(), y: z.number() }, returns: z.number(), queue: 'work' });
const total = task('math.total', { params: { numbers: z.array(z.number()) }, returns: z.number(), queue: 'work' });
const list = task('tests.list', { params: { items: z.unknown() }, queue: 'work' });
const fail = task('tests.fail', { params: { x: z.number() }, returns: z.number(), queue: 'work' });
const quiet = task('tests.quiet', {
  params: { x: z.number() },
  returns: z.number(),
  queue: 'work',
  ignoreResult: true,
});
const note = task('tests.note', { params: { text: z.unknown() }, queue: 'work' });

interface Noted {
  readonly rig: Rig;
  readonly notes: unknown[];
}

async function open(options?: RigOptions): Promise<Noted> {
  const notes: unknown[] = [];
  const rig = await openRig(
    [
      work.handle(add, (_context, { x, y }) => x + y),
      work.handle(total, ({ request }, { numbers }) => {
        notes.push({ total: numbers, group: request.groupId, parent: request.parentId });
        return numbers.reduce((sum, number) => sum + number, 0);
      }),
      work.handle(list, (_context, { items }) => items),
      work.handle(quiet, (_context, { x }) => x),
      work.handle(fail, (_context, { x }) => {
        if (x < 0) throw new RangeError('no');
        return x;
      }),
      work.handle(note, (_context, { text }) => void notes.push(text)),
    ],
    options,
  );
  return { rig, notes };
}

/** What a workflow comes to on a worker of its own. */
async function resultOf(sent: Work): Promise<unknown> {
  const { rig } = await open();
  // Complete in each case below, which the compiler cannot tell of a list of cases.
  const { id } = await rig.cellar.send(sent as ReturnType<typeof add>);
  await rig.work();
  expect((await rig.counts()).dead).toBe(0);
  const [stored] = await rig.cellar.results.get([id]);
  return stored === undefined ? undefined : JSON.parse(stored.result);
}

const five = add({ x: 2, y: 3 });
const plus = (y: number) => add.partial({ y });

describe('a chord', () => {
  it('runs its body once, with the results in the order of the header', async () => {
    const { rig, notes } = await open();
    const sent = await rig.cellar.send(
      chord(
        [1, 2, 3].map((x) => add({ x, y: 10 })),
        total.partial({}),
      ),
    );
    expect(await rig.work()).toBe(4);
    expect(await sent.get()).toBe(36);
    expect(await Promise.all(sent.header.map((part) => part.get()))).toEqual([11, 12, 13]);
    const [body] = notes as { total: number[]; parent: string }[];
    expect(body?.total).toEqual([11, 12, 13]);
    expect(sent.header.map(({ id }) => id)).toContain(body?.parent);
  });

  it.each<[string, Work, unknown]>([
    ['with an empty header', chord<ReturnType<typeof add>, ReturnType<typeof total.partial>>([], total.partial({})), 0],
    ['with one part', chord([five], total.partial({})), 5],
    ['whose body is complete and takes no results', chord([five], add({ x: 1, y: 1 })), 2],
    ['whose part is a chain', chord([five, chain(five, plus(1), plus(2))], list.partial({})), [5, 8]],
    ['whose part is a chord', chord([chord([five, five], total.partial({})), five], list.partial({})), [10, 5]],
    [
      'whose part is a chain that ends in a group',
      chord([chain(five, group([plus(1), plus(2)])), five], list.partial({})),
      [[6, 7], 5],
    ],
    [
      'whose part is a chain with a chord',
      chord([chain(five, group([plus(1), plus(2)]), total.partial({})), five], list.partial({})),
      [13, 5],
    ],
    ['whose body is a chain', chord([five, five], chain(total.partial({}), plus(1), plus(2))), 13],
    [
      'whose body is a chord',
      chord([five, five], chord([total.partial({}), list.partial({})], list.partial({}))),
      [10, [5, 5]],
    ],
    [
      'of the depth three',
      chord([chord([chord([five], total.partial({})), five], total.partial({}))], list.partial({})),
      [10],
    ],
    ['in the middle of a chain', chain(five, group([plus(1), plus(2)]), total.partial({}), plus(100)), 113],
    [
      'in front of a chord',
      chain(group([five, five]), group([total.partial({}), list.partial({})]), list.partial({})),
      [10, [5, 5]],
    ],
    [
      'after which a chord comes',
      chain(chord([five], total.partial({})), chord([plus(1), plus(2)], total.partial({}))),
      13,
    ],
    ['of a group of one in a chain', chain(chain(five), group([chain(plus(1))]), total.partial({})), 6],
  ])('%s comes to its result', async (_name, sent, expected) => {
    expect(await resultOf(sent)).toEqual(expected);
  });

  it('ends as a failure after all parts have ended when one failed, and never runs its body', async () => {
    const { rig, notes } = await open();
    const sent = await rig.cellar.send(
      withOptions(chord([fail({ x: -1 }), fail({ x: 1 })], total.partial({})), { linkError: [note.partial({})] }),
    );
    await rig.step();
    expect(await sent.state()).toBe('PENDING');
    await rig.work();
    const failed = sent.header[0]?.id;
    await expect(sent.get()).rejects.toMatchObject({
      code: 'task-failed',
      message: `ChordError: Dependency ${failed} raised RangeError('no')`,
    });
    expect(notes).toEqual([sent.id]);
  });

  it.each<[string, Work]>([
    ['a step of its chain failed', chain(fail({ x: -1 }), plus(1), plus(2))],
    ['the part of its chord failed', chord([fail({ x: -1 })], total.partial({}))],
    ['it is the group behind a step that failed', chain(fail({ x: -1 }), group([plus(1), plus(2)]))],
    ['it is the chord behind a step that failed', chain(fail({ x: -1 }), group([plus(1), plus(2)]), total.partial({}))],
  ])('ends as a failure where a part did because %s', async (_name, part) => {
    const { rig } = await open();
    // Each has a first task that is complete.
    const sent = await rig.cellar.send(
      chord([part as ReturnType<typeof add>, five], chain(list.partial({}), list.partial({}))),
    );
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({ message: expect.stringContaining('ChordError: Dependency') });
  });

  it('whose part is revoked or expires ends as a failure', async () => {
    const { rig } = await open();
    const sent = await rig.cellar.send(chord([five, withOptions(five, { expires: 5 })], total.partial({})));
    await rig.clock.advance(6000);
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({
      message: expect.stringContaining("raised TaskRevokedError('expired')"),
    });
  });

  it('whose part is revoked while it waits for its time ends as a failure', async () => {
    const { rig } = await open();
    const later = withOptions(five, { countdown: 3600 });
    const sent = await rig.cellar.send(chord([five, later], total.partial({})));
    await rig.work();
    await rig.cellar.revoke(sent.header[1]?.id ?? '');
    expect(await sent.header[1]?.state()).toBe('REVOKED');
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({
      message: expect.stringContaining("raised TaskRevokedError('revoked')"),
    });
    expect(await rig.counts()).toMatchObject({ ready: 0, delayed: 0 });
  });

  it('runs its body after all when the part that failed was sent back and succeeds', async () => {
    let broken = true;
    const flaky = task('tests.flaky', { params: {}, returns: z.number(), queue: 'work' });
    const rig = await openRig([
      work.handle(flaky, () => {
        if (broken) throw new Error('broken');
        return 1;
      }),
      work.handle(total, (_context, { numbers }) => numbers.length),
    ]);
    const sent = await rig.cellar.send(chord([flaky(), flaky()], total.partial({})));
    await rig.work();
    expect(await sent.state()).toBe('FAILURE');
    broken = false;
    await rig.cellar.admin.redrive('work');
    await rig.work();
    expect(await sent.get()).toBe(2);
  });

  it('counts parts whose results are ignored, and tells a retry from an end', async () => {
    const retried = task('tests.retried', { params: {}, returns: z.number(), queue: 'work' });
    const rig = await openRig([
      work.handle(retried, ({ request, retry }) => (request.retries === 0 ? retry({ countdown: 1 }) : 7)),
      work.handle(quiet, (_context, { x }) => x),
      work.handle(list, (_context, { items }) => items),
    ]);
    const sent = await rig.cellar.send(chord([quiet({ x: 1 }), retried()], list.partial({})));
    await rig.work();
    expect(await sent.state()).toBe('PENDING');
    await rig.clock.advance(1000);
    await rig.work();
    expect(await sent.get()).toEqual([1, 7]);
    expect(await sent.header[0]?.state()).toBe('PENDING');
  });

  it('has links of its body, and header and body have its other options', async () => {
    const { rig, notes } = await open();
    const sent = await rig.cellar.send(chord([five], total.partial({})), {
      taskId: 'the-body',
      link: [note.partial({})],
      countdown: 5,
    });
    expect(sent.id).toBe('the-body');
    expect(await rig.counts()).toMatchObject({ ready: 0, delayed: 1 });
    await rig.clock.advance(5000);
    await rig.work();
    expect(await rig.counts()).toMatchObject({ ready: 0, delayed: 1 });
    await rig.clock.advance(5000);
    await rig.work();
    expect(notes.at(-1)).toBe(5);
  });

  it('takes groups in its header apart', async () => {
    const { rig } = await open();
    const sent = await rig.cellar.send(chord([five, group([five, add({ x: 1, y: 1 })])], list.partial({})));
    await rig.work();
    expect(await sent.get()).toEqual([5, 5, 2]);
    expect(sent.header).toHaveLength(3);
  });

  it('is opened before its parts are sent, and its body is sent with the settlement that completes it', async () => {
    const said: string[] = [];
    const watched = (chords: ChordStore): ChordStore => ({
      open: async (id, size) => {
        await chords.open(id, size);
        said.push(`open ${size}, ready ${(await rig.counts()).ready}`);
      },
      ended: async (id, part) => {
        said.push(`ended ${part.index}`);
        return await chords.ended(id, part);
      },
      forget: (id) => chords.forget(id),
    });
    const { rig } = await open({
      backend: ({ chords, ...memory }) => ({ ...memory, ...(chords && { chords: watched(chords) }) }),
    });
    const { header } = await rig.cellar.send(chord([five, five], total.partial({})));
    const first = await rig.step();
    const second = await rig.step();
    expect(said).toEqual(['open 2, ready 0', 'ended 0', 'ended 1']);
    expect([first, second].map(({ publish }) => publish.length)).toEqual([0, 1]);
    expect(second.completes).toEqual([second.publish[0]?.headers.group]);
    expect(header.map(({ id }) => id)).toEqual([first, second].map(({ delivery }) => delivery.message.correlationId));
  });

  it('is refused with a sentence where chords cannot be counted', async () => {
    const { rig } = await open({ backend: ({ chords: _chords, ...memory }) => memory });
    const sent = rig.cellar.send(chord([five], total.partial({})));
    await expect(sent).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('cannot count'),
    });
    expect(await rig.counts()).toMatchObject({ ready: 0 });
  });
});

describe('a workflow', () => {
  it.each<[string, Work, unknown]>([
    ['a chain that ends in a group', chain(five, group([plus(1), plus(2)])), [6, 7]],
    ['a chain of a group', chain(group([five, five])), [5, 5]],
    ['a chord whose body is a group', chord([five], group([total.partial({}), list.partial({})])), [5, [5]]],
    ['a group of chains and chords', group([chain(five, plus(1)), chord([five], total.partial({}))]), [6, 5]],
  ])('%s is waited for as a whole', async (_name, sent, expected) => {
    const { rig } = await open();
    // Complete in each case.
    const whole = await rig.cellar.send(sent as ReturnType<typeof add>);
    await rig.work();
    expect(await whole.get()).toEqual(expected);
  });

  it('is sent by a handler when that has succeeded, once', async () => {
    const boss = task('tests.boss', { params: { kind: z.string() }, queue: 'work' });
    const kinds: Record<string, Work> = {
      chain: chain(five, plus(1)),
      group: group([five, five]),
      chord: chord([five, five], total.partial({})),
    };
    const ids: string[] = [];
    const rig = await openRig([
      work.handle(boss, ({ send }, { kind }) => void ids.push(send(kinds[kind] as ReturnType<typeof add>))),
      work.handle(add, (_context, { x, y }) => x + y),
      work.handle(total, (_context, { numbers }) => numbers.length),
    ]);
    for (const kind of Object.keys(kinds)) await rig.cellar.send(boss({ kind }, { taskId: `boss-${kind}` }));
    await rig.work();
    expect(await rig.stored(ids[0] ?? '')).toEqual({ state: 'SUCCESS', result: 6 });
    expect(await rig.stored(ids[2] ?? '')).toEqual({ state: 'SUCCESS', result: 2 });
    const bosses = await rig.cellar.results.get(['boss-chain', 'boss-group', 'boss-chord']);
    expect(bosses.map((stored) => stored?.children)).toEqual(ids.map((id) => [id]));
    const members = (await rig.cellar.results.list({ limit: 99 })).filter(({ groupId }) => groupId === ids[1]);
    expect(members.map(({ state }) => state)).toEqual(['SUCCESS', 'SUCCESS']);
  });

  it('of a handler that cannot be sent fails its task', async () => {
    const boss = task('tests.boss', { params: {}, queue: 'work' });
    const rig = await openRig([
      work.handle(boss, ({ send }) => void send(chain(withOptions(five, { queue: 'nowhere' })))),
    ]);
    await rig.cellar.send(boss({}, { taskId: 'boss' }));
    await rig.work();
    expect(await rig.stored('boss')).toMatchObject({ state: 'FAILURE' });
  });
});
