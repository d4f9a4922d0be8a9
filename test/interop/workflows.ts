/** Workflows of which each side runs a part: each must understand what the other has frozen. */
import { expect, it } from '@jest/globals';
import { chain, chord, chunks, group, map, type Work, withOptions } from 'cellar';
import type { BothSides } from './both-sides.ts';
import { py, ts } from './fixture/tasks.ts';

/** `t` and `p` are signatures of both sides, each with its queue. */
const SIGNATURES = `
t = lambda name, *args: ts(name, *args).set(queue='cellar')
p = lambda task, *args: task.s(*args).set(queue='python')
`;

const fromPython: readonly (readonly [string, unknown])[] = [
  ["chord([chain(t('add', 1, 1), p(add, 1)), p(add, 2, 2)], t('tsum'))()", 7],
  ["chord([chain(p(add, 1, 1), t('add', 1)), t('add', 2, 2)], p(tsum))()", 7],
  ["chain(t('add', 1, 1), group(p(add, 1), t('add', 2)), t('tsum'), p(add, 100))()", 107],
  ["chain(p(add, 1, 1), group(p(add, 1), t('add', 2)), p(tsum), t('add', 100))()", 107],
  ["chain(t('add', 1, 1), group(t('add', 1), t('add', 2)))()", [3, 4]],
  ["chain(p(add, 1, 1), group(t('add', 1), t('add', 2)))()", [3, 4]],
  ["chord([chord([t('add', 1, 1), p(add, 1, 1)], p(tsum)), t('add', 1, 0)], t('tsum'))()", 5],
  ["chord([chord([t('add', 1, 1), p(add, 1, 1)], t('tsum')), p(add, 1, 0)], p(tsum))()", 5],
  ["chain(group(t('add', 1, 1), p(add, 1, 1)), t('tsum'), group(p(add, 1), t('add', 1)), p(tsum))()", 10],
  ["chord([t('add', 1, 1), p(add, 1, 1)], chain(t('tsum'), p(add, 1), t('mul', 2)))()", 10],
  ['add.chunks([(1, 1), (2, 2), (3, 3)], 2).group().apply_async()', [[2, 4], [6]]],
  ["app.signature('celery.starmap', kwargs={'task': ts('add'), 'it': [(1, 2)]}).set(queue='cellar').delay()", [3]],
  ["app.signature('celery.map', kwargs={'task': ts('tsum'), 'it': [[1, 2]]}).set(queue='cellar').delay()", [3]],
  ["t('add', 1, 1).apply_async(link=chain(p(add, 1), t('add', 1).set(task_id='l1'))) and app.AsyncResult('l1')", 4],
  ["p(add, 1, 1).apply_async(link=group(t('add', 1).set(task_id='l2'), p(add, 1))) and app.AsyncResult('l2')", 3],
  ["t('add', 1, 1).apply_async(link=group(t('add', 1).set(task_id='l3'), p(add, 1))) and app.AsyncResult('l3')", 3],
];

function sideOf({ add, tsum }: typeof py) {
  return { two: add({ x: 1, y: 1 }), plus: (y: number) => add.partial({ y }), sum: tsum.partial({}) };
}
const p = sideOf(py);
const t = sideOf(ts);
const both = [p.two, t.two];
const plusBoth = group([p.plus(1), t.plus(2)]);
const shown = py.echo.partial({});
const value = (expected: unknown) => expect.objectContaining({ value: expected });

const fromHere: readonly (readonly [string, Work, unknown])[] = [
  ['a group in a chain, begun there', chain(p.two, plusBoth, p.sum, t.plus(100)), 107],
  ['a group in a chain, begun here', chain(t.two, plusBoth, t.sum, p.plus(100)), 107],
  ['a chain that ends in a group', chain(p.two, plusBoth), [3, 4]],
  ['chains in a header', chord([chain(p.two, t.plus(1)), chain(t.two, p.plus(1))], p.sum), 6],
  ['a chord in a header, its body there', chord([chord(both, p.sum), p.two], t.sum), 6],
  ['a chord in a header, its body here', chord([chord(both, t.sum), p.two], p.sum), 6],
  ['a body that is a chain', chord(both, chain(p.sum, t.plus(1), p.plus(1))), 6],
  ['a body that is a group', chord(both, group([p.sum, t.sum])), [4, 4]],
  ['one chord behind the other', chain(group(both), p.sum, plusBoth, t.sum), 11],
  ['a part that ends in a group, sent there', chord([chain(p.two, plusBoth), t.two], shown), value([[3, 4], 2])],
  ['a part that ends in a group, sent here', chord([chain(t.two, plusBoth), t.two], shown), value([[3, 4], 2])],
  [
    'chunks',
    chunks(
      py.add,
      [1, 2, 3].map((x) => ({ x, y: x })),
      2,
    ),
    [[2, 4], [6]],
  ],
  ['a map', map(py.tsum, [{ numbers: [1, 2] }]), [3]],
  ['a compressed message', withOptions(p.two, { compression: 'zlib' }), 2],
];

export function workflows(sides: () => BothSides): void {
  it.each(fromPython)('%s', async (code, out) => {
    expect(await sides().python(`${SIGNATURES}\nout = (${code}).get(timeout=30)`)).toEqual({ out });
  });

  it.each(fromHere)('%s', async (_name, work, expected) => {
    // Complete in each case, which the compiler cannot tell of a list of cases.
    const sent = await sides().cellar.send(work as typeof p.two);
    expect(await sent.get({ timeoutMs: 30_000 })).toEqual(expected);
  });
}
