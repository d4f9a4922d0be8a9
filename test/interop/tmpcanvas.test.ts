import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chain, chord, chunks, group, map, type Work, withOptions } from 'cellar';
import { type BothSides, hasBothSides, startBothSides } from './both-sides.ts';
import { py, ts } from './fixture/tasks.ts';

const GET = '.get(timeout=20)';
const python: readonly (readonly [string, unknown])[] = [
  [`chord([chain(ts('add',1,1).set(queue='cellar'), add.s(1).set(queue='python')), add.s(2,2).set(queue='python')], ts('tsum').set(queue='cellar'))()`, 7],
  [`chord([chain(add.s(1,1).set(queue='python'), ts('add', 1).set(queue='cellar')), ts('add',2,2).set(queue='cellar')], tsum.s().set(queue='python'))()`, 7],
  [`chain(ts('add',1,1).set(queue='cellar'), group(add.s(1).set(queue='python'), ts('add', 2).set(queue='cellar')), ts('tsum').set(queue='cellar'), add.s(100).set(queue='python'))()`, 107],
  [`chain(add.s(1,1).set(queue='python'), group(add.s(1).set(queue='python'), ts('add', 2).set(queue='cellar')), tsum.s().set(queue='python'), ts('add', 100).set(queue='cellar'))()`, 107],
  [`chain(ts('add',1,1).set(queue='cellar'), group(ts('add',1).set(queue='cellar'), ts('add', 2).set(queue='cellar')))()`, [3, 4]],
  [`chain(add.s(1,1).set(queue='python'), group(ts('add',1).set(queue='cellar'), ts('add', 2).set(queue='cellar')))()`, [3, 4]],
  [`chord([chord([ts('add',1,1).set(queue='cellar'), add.s(1,1).set(queue='python')], tsum.s().set(queue='python')), ts('add', 1, 0).set(queue='cellar')], ts('tsum').set(queue='cellar'))()`, 5],
  [`chord([chord([ts('add',1,1).set(queue='cellar'), add.s(1,1).set(queue='python')], ts('tsum').set(queue='cellar')), add.s(1, 0).set(queue='python')], tsum.s().set(queue='python'))()`, 5],
  [`chain(group(ts('add',1,1).set(queue='cellar'), add.s(1,1).set(queue='python')), ts('tsum').set(queue='cellar'), group(add.s(1).set(queue='python'), ts('add', 1).set(queue='cellar')), tsum.s().set(queue='python'))()`, 10],
  [`chord([ts('add',1,1).set(queue='cellar'), add.s(1,1).set(queue='python')], chain(ts('tsum').set(queue='cellar'), add.s(1).set(queue='python'), ts('mul', 2).set(queue='cellar')))()`, 10],
  [`add.chunks([(1,1),(2,2),(3,3)], 2).group().apply_async()`, [[2, 4], [6]]],
  [`app.signature('celery.starmap', kwargs={'task': ts('add').set(queue='cellar'), 'it': [(1,2),(3,4)]}, queue='cellar').delay()`, [3, 7]],
  [`app.signature('celery.map', kwargs={'task': ts('tsum').set(queue='cellar'), 'it': [[1,2],[3,4]]}, queue='cellar').delay()`, [3, 7]],
  [`ts('add',1,1).set(queue='cellar').apply_async(link=chain(add.s(1).set(queue='python'), ts('add', 1).set(queue='cellar').set(task_id='linked-1'))) and AsyncResult('linked-1')`, 4],
  [`add.apply_async((1,1), link=group(ts('add', 1).set(queue='cellar').set(task_id='linked-2'), add.s(1).set(queue='python'))) and AsyncResult('linked-2')`, 3],
  [`ts('add',1,1).set(queue='cellar').apply_async(link=group(ts('add', 1).set(queue='cellar').set(task_id='linked-3'), add.s(1).set(queue='python'))) and AsyncResult('linked-3')`, 3],
];
const plus = (y: number) => py.add.partial({ y });
const ours: readonly (readonly [string, Work, unknown])[] = [
  ['chain group py', chain(py.add({ x: 1, y: 1 }), group([plus(1), ts.add.partial({ y: 2 })]), py.tsum.partial({}), ts.add.partial({ y: 100 })), 107],
  ['chain ends in group', chain(py.add({ x: 1, y: 1 }), group([plus(1), ts.add.partial({ y: 2 })])), [3, 4]],
  ['chord with chain', chord([chain(py.add({ x: 1, y: 1 }), ts.add.partial({ y: 1 })), chain(ts.add({ x: 1, y: 1 }), plus(1))], py.tsum.partial({})), 6],
  ['chord in chord', chord([chord([py.add({ x: 1, y: 1 }), ts.add({ x: 1, y: 1 })], py.tsum.partial({})), py.add({ x: 1, y: 0 })], ts.tsum.partial({})), 5],
  ['chord in chord, ts body', chord([chord([py.add({ x: 1, y: 1 }), ts.add({ x: 1, y: 1 })], ts.tsum.partial({})), py.add({ x: 1, y: 0 })], py.tsum.partial({})), 5],
  ['chord body chain', chord([py.add({ x: 1, y: 1 }), ts.add({ x: 1, y: 1 })], chain(py.tsum.partial({}), ts.add.partial({ y: 1 }), plus(1))), 6],
  ['chord body group', chord([py.add({ x: 1, y: 1 }), ts.add({ x: 1, y: 1 })], group([py.tsum.partial({}), ts.tsum.partial({})])), [4, 4]],
  ['chain with two groups', chain(group([py.add({ x: 1, y: 1 }), ts.add({ x: 1, y: 1 })]), py.tsum.partial({}), group([plus(1), ts.add.partial({ y: 1 })]), ts.tsum.partial({})), 10],
  ['chord with chain ending in group by py', chord([chain(py.add({ x: 1, y: 1 }), group([plus(1), ts.add.partial({ y: 2 })])), ts.add({ x: 1, y: 0 })], ts.tsum.partial({})), 8],
  ['chord with chain ending in group by ts', chord([chain(ts.add({ x: 1, y: 1 }), group([plus(1), ts.add.partial({ y: 2 })])), ts.add({ x: 1, y: 0 })], py.tsum.partial({})), 8],
  ['chunks', chunks(py.add, [{ x: 1, y: 1 }, { x: 2, y: 2 }, { x: 3, y: 3 }], 2), [[2, 4], [6]]],
  ['map', map(py.tsum, [{ numbers: [1, 2] }]), [3]],
  ['compressed', withOptions(py.add({ x: 1, y: 1 }), { compression: 'zlib' }), 2],
];

(hasBothSides() ? describe : describe.skip)('canvas', () => {
  let sides: BothSides;
  beforeAll(async () => {
    sides = await startBothSides();
  }, 120_000);
  afterAll(() => sides?.stop(), 60_000);
  it.each(python)('%s', async (code, out) => {
    expect(await sides.python(`out = (${code})${GET}`)).toEqual({ out });
  }, 40_000);
  it.each(ours)('%s', async (_name, work, out) => {
    const sent = await sides.cellar.send(work as never);
    expect(await (sent as { get(o: object): Promise<unknown> }).get({ timeoutMs: 20_000 })).toEqual(out);
  }, 40_000);
});
