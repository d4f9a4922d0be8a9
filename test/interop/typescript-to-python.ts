import { expect, it } from '@jest/globals';
import { type Cellar, chain, chord, group, Tagged } from 'cellar';
import { until } from '../support/running-shop.ts';
import type { BothSides } from './both-sides.ts';
import { py, pyRpc, ts, tsRpc } from './fixture/tasks.ts';

const get = { timeoutMs: 30_000 };

/** What `py.echo` answers. */
interface Echoed {
  readonly value: unknown;
  readonly type: string;
  readonly kwargs: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly priority: number;
  /** [hard, soft] in seconds. */
  readonly limits: readonly (number | null)[];
  readonly eta: boolean;
}

export function typescriptToPython(sides: () => BothSides): void {
  const cellar = (): Cellar => sides().cellar;
  const echoed = async (value: unknown, options: object = {}): Promise<Echoed> =>
    (await (await cellar().send(py.echo({ value }), options)).get(get)) as Echoed;

  it('positional arguments', async () => {
    expect(await (await cellar().send(py.add({ x: 2, y: 3 }))).get(get)).toBe(5);
  });

  it('keyword arguments after a hole', async () => {
    const sent = await cellar().send(py.echo({ more: 'kept' }));
    expect(await sent.get(get)).toMatchObject({ value: null, kwargs: { more: 'kept' } });
  });

  it.each([
    ['a date', new Date('2026-01-02T03:04:05.678Z'), 'datetime'],
    ['a decimal', new Tagged('decimal', '1.50'), 'Decimal'],
    ['a UUID', new Tagged('uuid', '00000000-0000-0000-0000-000000000007'), 'UUID'],
    ['bytes', new Uint8Array([0, 255]), 'bytes'],
    ['a large integer', 2n ** 60n + 1n, 'int'],
    ['nothing', null, 'NoneType'],
  ])('%s there and back', async (_name, value, type) => {
    const answer = await echoed(value);
    expect(answer.type).toBe(type);
    expect(answer.value).toEqual(value);
  });

  it('a countdown, not early', async () => {
    const begun = Date.now();
    expect(await echoed(1, { countdown: 1.2 })).toMatchObject({ eta: true });
    expect(Date.now() - begun).toBeGreaterThanOrEqual(1200);
  });

  it('expires, priority, time limits and headers', async () => {
    const limits = { timeLimitSeconds: 300, softTimeLimitSeconds: 200 };
    const sent = await echoed(1, { ...limits, expires: 60, priority: 7, headers: { shop: 'wine' } });
    expect(sent).toMatchObject({ headers: { shop: 'wine' }, priority: 7, limits: [300, 200] });
    const late = await cellar().send(py.add({ x: 1, y: 1 }), { expires: new Date(Date.now() - 1000) });
    await expect(late.get(get)).rejects.toMatchObject({ code: 'task-revoked' });
  });

  it('links, with the result of their parent and with the id of what failed', async () => {
    const linked = `linked-${Date.now()}`;
    const link = ts.mul.partial({ y: 10 }, { taskId: linked });
    await cellar().send(py.add({ x: 1, y: 2 }), { link: [link] });
    expect(await cellar().result(linked).get(get)).toBe(30);
    const noted = `noted-${Date.now()}`;
    const failed = await cellar().send(py.fail({ kind: 'value' }), {
      linkError: [ts.echo.partial({}, { taskId: noted })],
    });
    expect(await cellar().result(noted).get(get)).toMatchObject({ value: failed.id });
  });

  it('a chain from one side to the other and back', async () => {
    const work = chain(py.add({ x: 1, y: 2 }), ts.mul.partial({ y: 10 }), py.add.partial({ y: 100 }));
    expect(await (await cellar().send(work)).get(get)).toBe(130);
  });

  it('a group of both', async () => {
    const sent = await cellar().send(group([py.add({ x: 1, y: 1 }), ts.add({ x: 2, y: 2 })]));
    expect(await sent.get(get)).toEqual([2, 4]);
  });

  it.each([
    ['here', ts.tsum],
    ['there', py.tsum],
  ])('a chord of both, with its body %s', async (_where, tsum) => {
    const header = [py.add({ x: 1, y: 1 }), ts.add({ x: 2, y: 2 }), py.mul({ x: 3, y: 3 })];
    expect(await (await cellar().send(chord(header, tsum.partial({})))).get(get)).toBe(15);
  });

  it('retries', async () => {
    expect(await (await cellar().send(py.flaky({ times: 2 }))).get(get)).toBe(2);
  });

  it.each([
    ['value', { name: 'ValueError', module: 'builtins', arguments: ['no', 42] }],
    ['key', { name: 'KeyError', module: 'builtins', arguments: ['k'] }],
    ['own', { name: 'Broken', module: 'app', arguments: ['mine'] }],
  ])('an exception keeps its class and arguments: %s', async (kind, exception) => {
    const sent = await cellar().send(py.fail({ kind }));
    await expect(sent.get(get)).rejects.toMatchObject({ code: 'task-failed', cause: exception });
  });

  it('no result where it is ignored', async () => {
    const ignored = await cellar().send(py.add({ x: 1, y: 1 }), { ignoreResult: true });
    await echoed('after');
    expect(await ignored.state()).toBe('PENDING');
  });

  it('a state of its own', async () => {
    const sent = await cellar().send(py.progress({ seconds: 1 }));
    await until(async () => (await sent.state()) === 'PROGRESS', 30_000);
    expect(await sent.get(get)).toBe('done');
  });

  it('results as messages, from both sides', async () => {
    const { cellarRpc } = sides();
    expect(await (await cellarRpc.send(pyRpc.add({ x: 2, y: 3 }))).get(get)).toBe(5);
    expect(await (await cellarRpc.send(tsRpc.add({ x: 2, y: 3 }))).get(get)).toBe(5);
    await expect((await cellarRpc.send(pyRpc.fail({ kind: 'key' }))).get(get)).rejects.toMatchObject({
      code: 'task-failed',
      cause: { name: 'KeyError' },
    });
  });
}
