/** Pools whose children are real threads and processes. */
import { readFileSync } from 'node:fs';
import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { decodeJson } from '../../../shared/cellar/celery/tagged-json.ts';
import { derivedId } from '../../../shared/cellar/ids.ts';
import { until } from '../../support/running-shop.ts';
import { openPoolRig, type PoolRig } from './pools/pool-rig.ts';
import * as tasks from './pools/tasks.ts';

// Processes on a busy machine.
jest.setTimeout(120_000);

const linesOf = (path: string): readonly string[] => readFileSync(path, 'utf8').trimEnd().split('\n');

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // no such process
  }
}

describe.each(['threads', 'processes'] as const)('a pool of %s', (kind) => {
  let rig: PoolRig;
  const resultOf = async (...given: Parameters<PoolRig['run']>) => decodeJson((await rig.run(...given)).result);

  beforeAll(async () => {
    rig = await openPoolRig(kind);
  });
  afterAll(() => rig.stop());

  it('runs a task outside the worker, in a context that its child opened once', async () => {
    const first = await resultOf(tasks.where({}));
    const second = await resultOf(tasks.where({}));
    expect(first).toMatchObject({ opened: 1, queue: 'work', retries: 0 });
    expect(second).toMatchObject({ opened: 1 });
    const isHere = kind === 'threads' ? { pid: process.pid } : { threadId: 0 };
    expect([first, second]).not.toContainEqual(expect.objectContaining({ pid: process.pid, threadId: 0 }));
    expect(first).toMatchObject(isHere);
    expect(rig.pool.processIds()).toHaveLength(kind === 'threads' ? 0 : 2);
  });

  it('gives arguments and results their types', async () => {
    const value = { at: new Date(1e12), bytes: new Uint8Array([0, 255]), large: 2n ** 80n, list: [null, 'é\u0000'] };
    expect(await resultOf(tasks.echo({ value }))).toEqual(value);
    expect(await resultOf(tasks.echo({ value: null }))).toBeNull();
  });

  it('sends what the handler sent under the ids that a replay has too', async () => {
    const stored = await rig.run(tasks.sender({}));
    expect(stored.result).toMatch(/"sent"/);
    const { sent, published, now } = decodeJson(stored.result) as Record<string, string>;
    expect(sent).toBe(derivedId(stored.id, 'child:0'));
    expect(published).toBe(derivedId(stored.id, 'child:1'));
    expect(stored.children).toEqual([sent, published]);
    const [counts] = await rig.cellar.admin.counts(['other']);
    expect(counts?.ready).toBe(3);
    expect(now).toMatch(/^[0-9a-f-]{36}$/);
    await rig.cellar.admin.purge('other');
  });

  it('sends workflows', async () => {
    const { result, id } = await rig.run(tasks.workflow({}));
    const body = String(decodeJson(result));
    expect(body).toBe(derivedId(id, 'child:0'));
    expect(await rig.cellar.result(body).get()).toBe(10);
  });

  it('gives contexts a client that sends, and reads results by itself', async () => {
    const known = await rig.run(tasks.echo({ value: 'known' }));
    const answer = await resultOf(tasks.client({ known: known.id }));
    expect(answer).toMatchObject({
      result: '"known"',
      nothing: true,
      waited: 'SUCCESS',
      revoked: ['some task'],
      queues: ['other', 'work'],
    });
    const { id } = answer as { id: string };
    const [waiting] = await rig.cellar.admin.peek('other', { place: 'ready', limit: 1 });
    expect(waiting?.message.correlationId).toBe(id);
  });

  it('carries what was thrown', async () => {
    const thrown = async (what: string) => rig.run(tasks.fail({ what }));
    const range = await thrown('range');
    expect(decodeJson(range.result)).toMatchObject({ exc_type: 'RangeError', exc_message: ['the soup is burnt'] });
    expect(range.traceback).toMatch(/^RangeError: the soup is burnt\n +at .*fail\.ts/);
    expect(decodeJson((await thrown('python')).result)).toEqual({
      exc_type: 'KeyError',
      exc_message: ['wine', 42],
      exc_module: 'builtins',
    });
    expect(decodeJson((await thrown('text')).result)).toMatchObject({ exc_message: ['only a text'] });
  });

  it('asks retry.when where the error is whole, and obeys what the handler returns', async () => {
    expect(await resultOf(tasks.again({ name: 'Busy' }))).toBe(2);
    expect(await resultOf(tasks.again({ name: 'Broken' }))).toMatchObject({ exc_type: 'Broken' });
    expect(await resultOf(tasks.direct({ what: 'retry' }))).toBe('retried');
    expect(await rig.run(tasks.direct({ what: 'reject' }))).toMatchObject({ state: 'FAILURE' });
    const ignored = await rig.cellar.send(tasks.direct({ what: 'ignore' }));
    await rig.run(tasks.echo({ value: 'after it' }));
    expect(await ignored.state()).toBe('PENDING');
  });

  it('fails a result that its schema or JSON does not take', async () => {
    expect(await resultOf(tasks.typed({}))).toMatchObject({ exc_type: 'TypeError' });
    expect(await resultOf(tasks.wrong({}))).toMatchObject({
      exc_message: ['the value is an instance of Bottle, allowed: JSON values, Date, Uint8Array, bigint and Tagged'],
    });
  });

  it('fires the signal at the soft limit', async () => {
    expect(await resultOf(tasks.patient({}))).toBe('SoftTimeLimitExceeded: soft time limit of 0.2 s exceeded');
  });

  it('ends a blocked event loop at the hard limit, and goes on in another child', async () => {
    const before = rig.pool.processIds();
    expect(await resultOf(tasks.block({}))).toEqual({
      exc_type: 'TimeLimitExceeded',
      exc_message: [0.5],
      exc_module: 'billiard.exceptions',
    });
    expect(await resultOf(tasks.blockAgain({}))).toBe(1);
    if (kind === 'processes') await until(() => before.filter(isAlive).length < before.length, 60_000);
  });

  it.each(kind === 'processes' ? (['exit', 'SIGKILL', 'throw later'] as const) : (['exit', 'throw later'] as const))(
    'runs a task again whose child ended by %s',
    async (how) => {
      const file = rig.path(`deadly ${how}`);
      expect(await resultOf(tasks.deadly({ file, times: 2, how }))).toBe(3);
      expect(linesOf(file)).toHaveLength(3);
      expect(rig.logged.at(-1)).toMatch(/^error the child that ran a task ended before it did: .*; it comes again$/);
    },
  );

  it('gives up a task that ends its children as often as its queue allows', async () => {
    const file = rig.path('deadly for ever');
    expect(await resultOf(tasks.deadly({ file, times: 1000, how: 'exit' }))).toEqual({
      exc_type: 'WorkerLostError',
      exc_message: ['delivered 3 times without an outcome, allowed: 3'],
      exc_module: 'billiard.exceptions',
    });
    expect(linesOf(file)).toHaveLength(3);
    const [dead] = await rig.cellar.admin.peek('work', { place: 'dead', limit: 100 });
    expect(dead?.reason).toBeDefined();
  });

  it('starts its count anew for a message that was redriven', async () => {
    const file = rig.path('deadly once more');
    const signature = tasks.deadly({ file, times: 4, how: 'exit' });
    const { id } = await rig.run(signature);
    await rig.cellar.admin.redrive('work');
    await until(async () => (await rig.cellar.result(id).state()) === 'SUCCESS', 60_000);
    expect(linesOf(file)).toHaveLength(5);
  });

  it('ends a run that is terminated, and one that waits for a child', async () => {
    const blocked = [];
    for (let index = 0; index < 3; index++) {
      blocked.push(await rig.cellar.send(tasks.block({}, { timeLimitSeconds: 60 })));
    }
    const ids = blocked.map(({ id }) => id);
    await until(() => ids.map((id) => rig.pool.terminate(id)).includes(true), 60_000);
    for (const id of ids) {
      await until(async () => {
        rig.pool.terminate(id);
        return (await rig.cellar.result(id).state()) === 'REVOKED';
      }, 60_000);
    }
    expect(rig.pool.terminate('unknown')).toBe(false);
    expect(await resultOf(tasks.echo({ value: 'still there' }))).toBe('still there');
  });
});

describe('children that were long enough at work', () => {
  it.each(['threads', 'processes'] as const)('are replaced after so many tasks: %s', async (kind) => {
    const rig = await openPoolRig(kind, { size: 1, maxTasksPerChild: 2 });
    const seen: unknown[] = [];
    for (let index = 0; index < 5; index++) {
      const { pid, threadId } = decodeJson((await rig.run(tasks.where({}))).result) as Record<string, number>;
      seen.push(`${pid}/${threadId}`);
    }
    await rig.stop();
    expect(new Set(seen).size).toBe(3);
    expect([seen[0], seen[2]]).toEqual([seen[1], seen[3]]);
  });

  it.each(['threads', 'processes'] as const)('are replaced when they have too much memory: %s', async (kind) => {
    const rig = await openPoolRig(kind, { size: 1, maxMemoryBytesPerChild: 256 * 2 ** 20 });
    const where = async () => decodeJson((await rig.run(tasks.where({}))).result);
    const first = await where();
    expect(await where()).toEqual(first);
    await rig.run(tasks.hoard({ mib: 300 }));
    expect(await where()).not.toEqual(first);
    await rig.stop();
  });
});

describe('a pool', () => {
  it('that cannot run tasks does not open', async () => {
    await expect(openPoolRig('threads', { queues: ['nowhere'] })).rejects.toMatchObject({ code: 'discovery' });
  });

  it('grows and shrinks', async () => {
    const rig = await openPoolRig('processes', { size: 1 });
    rig.worker.resize(3);
    expect(rig.pool.processIds()).toHaveLength(3);
    rig.worker.resize(1);
    await until(() => rig.pool.processIds().length === 1, 60_000);
    await rig.run(tasks.echo({ value: 1 }));
    await rig.stop();
    expect(rig.pool.processIds()).toEqual([]);
  });
});
