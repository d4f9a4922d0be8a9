/** Results in Redis both ways between this library and Celery itself, in Python. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { encodeException, TaskException } from '../../../shared/cellar/exception.ts';
import { openRedisResults, type RedisStores } from '../../../shared/cellar/results/redis/open-redis-results.ts';
import { taskResult } from '../../../shared/cellar/task-result.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { type CeleryScript, hasCelery, startCeleryScript } from '../../support/celery.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';

/** Of this run: a Redis that is given may remember an earlier one. */
const PREFIX = `shop-${randomUUID()}:`;

interface Raised {
  readonly type: string;
  readonly module: string;
  readonly args: readonly unknown[];
  readonly bases: readonly string[];
}

interface Seen {
  readonly value?: unknown;
  readonly raised?: Raised;
  readonly info?: unknown;
  readonly state: string;
}

(hasRedis() && hasCelery() ? describe : describe.skip)('Celery and this library on one Redis', () => {
  let redis: TestRedis;
  let stores: RedisStores;
  let python: CeleryScript;
  let count = 0;
  const newId = () => `task-${++count}`;

  beforeAll(async () => {
    redis = await startRedis();
    python = startCeleryScript('results_app.py', redis.url, PREFIX);
    const url = `${redis.url}?global_keyprefix=${PREFIX}`;
    stores = await openRedisResults({ url, runtime, resultExpiresSeconds: 600 });
  });
  afterAll(async () => {
    await stores?.results.close();
    await python?.stop();
    await redis?.stop();
  });

  describe('Python reads what is stored here', () => {
    it('a value, with its time, children and the fields of an extended result', async () => {
      const id = newId();
      const doneAtMs = Date.UTC(2026, 10, 25, 12, 30, 0, 125);
      await stores.results.store([
        update(id, 'SUCCESS', {
          result: '{"sum":7}',
          doneAtMs,
          children: ['c1', 'c2'],
          args: '[1,"x"]',
          kwargs: '{"k":true}',
          attempt: { retries: 2, generation: 1 },
          receivedAtMs: 5,
          outbox: [],
        }),
      ]);
      expect(await python.ask({ do: 'get', id })).toEqual({
        value: { sum: 7 },
        state: 'SUCCESS',
        traceback: null,
        info: { sum: 7 },
        children: ['c1', 'c2'],
        done: '2026-11-25T12:30:00.125000+00:00',
        name: 'tests.tasks.note',
        args: [1, 'x'],
        kwargs: { k: true },
        worker: 'worker@host',
        retries: 2,
        queue: 'mail',
      });
    });

    it('a caller that waits hears of it when it is stored', async () => {
      const id = newId();
      const waited = python.ask<Seen>({ do: 'get', id, timeout: 20 });
      await stores.results.store([update(id, 'STARTED', { result: '{"pid":1,"hostname":"h"}' })]);
      await stores.results.store([update(id, 'PROGRESS', { result: '{"done":3}' })]);
      await stores.results.store([update(id, 'SUCCESS', { result: '"done"' })]);
      expect(await waited).toMatchObject({ value: 'done', state: 'SUCCESS' });
    });

    it.each([
      ['an error of JavaScript', new RangeError('too far'), { type: 'RangeError', module: 'celery.exceptions' }],
      ['a bare Error', new Error('bad'), { type: 'Error', module: 'celery.exceptions' }],
      ['a TypeError', new TypeError('no'), { type: 'TypeError', module: 'builtins' }],
      [
        "one of Python's own",
        new TaskException('KeyError', ['k', 2], 'builtins'),
        { type: 'KeyError', args: ['k', 2] },
      ],
      [
        'one with a dotted name',
        new TaskException('Outer.Inner', ['x'], '__main__'),
        { type: 'Outer.Inner', module: '__main__' },
      ],
      [
        'one of a module that Python has not',
        new TaskException('Oops', [1], 'shop.errors'),
        { type: 'Oops', module: 'celery.exceptions', args: [1] },
      ],
    ])('%s is raised', async (_, error, wanted) => {
      const id = newId();
      await stores.results.store([update(id, 'FAILURE', { result: encodeException(error), traceback: 'at …' })]);
      const seen = await python.ask<Seen>({ do: 'get', id });
      expect(seen).toMatchObject({ state: 'FAILURE', traceback: 'at …', raised: wanted });
      expect(seen.raised?.bases).toContain('Exception');
    });

    it.each(['MaxRetriesExceededError', 'NotRegistered', 'WorkerLostError', 'TimeLimitExceeded', 'ChordError'])(
      'what this library itself stores as %s is a class of Celery',
      async (type) => {
        const id = newId();
        const error = Object.assign(new Error('text'), { name: type });
        await stores.results.store([update(id, 'FAILURE', { result: encodeException(error) })]);
        const { raised } = await python.ask<Seen>({ do: 'get', id });
        expect(raised).toMatchObject({ type, args: ['text'] });
        expect(raised?.module).toMatch(/^(celery|billiard)\.exceptions$/);
        expect(raised?.bases.length).toBeGreaterThan(2);
      },
    );

    it('a name that is no exception in Python is a security fault there, never a call', async () => {
      const id = newId();
      const result_ = encodeException(new TaskException('system', ['true'], 'os'));
      await stores.results.store([update(id, 'FAILURE', { result: result_ })]);
      expect(await python.ask({ do: 'get', id })).toMatchObject({ raised: { type: 'SecurityError' } });
    });

    it('a revoked task, one that is tried again, and a state of its own', async () => {
      const [revoked, retried, custom] = [newId(), newId(), newId()];
      const why = encodeException(Object.assign(new Error('revoked'), { name: 'TaskRevokedError' }));
      await stores.results.store([
        update(revoked, 'REVOKED', { result: why }),
        update(retried, 'RETRY', { result: encodeException(new Error('busy')) }),
        update(custom, 'PROGRESS', { result: '{"done":3,"total":10}' }),
      ]);
      expect(await python.ask({ do: 'get', id: revoked })).toMatchObject({
        state: 'REVOKED',
        raised: { type: 'TaskRevokedError', args: ['revoked'] },
      });
      expect(await python.ask({ do: 'look', id: retried })).toMatchObject({
        state: 'RETRY',
        info: { type: 'Error', args: ['busy'] },
        done: null,
      });
      expect(await python.ask({ do: 'look', id: custom })).toMatchObject({
        state: 'PROGRESS',
        info: { done: 3, total: 10 },
      });
    });

    it('many at once, and those of a group that it saved', async () => {
      const ids = [newId(), newId(), newId()];
      const waited = python.ask({ do: 'join', ids });
      for (const [index, id] of ids.entries())
        await stores.results.store([update(id, 'SUCCESS', { result: `${index}` })]);
      expect(await waited).toEqual({ values: [0, 1, 2] });
      const members = [newId(), newId()];
      await stores.results.store(members.map((id) => update(id, 'SUCCESS', { result: '5' })));
      expect(await python.ask({ do: 'group', id: 'g', ids: members })).toEqual({ values: [5, 5], count: 2 });
    });
  });

  describe('what Python stored is read here', () => {
    it('a value, with its time and children, those of a group included', async () => {
      const id = newId();
      await python.ask({
        do: 'store',
        id,
        state: 'SUCCESS',
        result: { big: 9007199254740993n.toString(), list: [1.5, null] },
        children: ['c1', ['m1', 'm2']],
        group: 'g1',
        parent_id: 'p1',
      });
      const [stored] = await stores.results.get([id]);
      expect(stored).toMatchObject({ state: 'SUCCESS', children: ['c1', 'm1', 'm2'], groupId: 'g1', parentId: 'p1' });
      expect(stored?.attempt).toEqual({ retries: 0, generation: 0 });
      expect(Math.abs((stored?.doneAtMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(stored?.updatedAtMs).toBe(stored?.doneAtMs);
      expect(await taskResult(stores.results, id).get()).toEqual({ big: '9007199254740993', list: [1.5, null] });
    });

    it('the fields of an extended result', async () => {
      const id = newId();
      const request = { task: 'shop.tasks.pay', args: [1, 'x'], kwargs: { k: 1 }, hostname: 'w1@h', retries: 3 };
      const delivery_info = { routing_key: 'invoices' };
      await python.ask({ do: 'store', id, state: 'PROGRESS', result: 5, extended: true, ...request, delivery_info });
      expect(await stores.results.get([id])).toMatchObject([
        {
          state: 'PROGRESS',
          result: '5',
          task: 'shop.tasks.pay',
          args: '[1, "x"]',
          kwargs: '{"k": 1}',
          worker: 'w1@h',
          queue: 'invoices',
          attempt: { retries: 3, generation: 0 },
        },
      ]);
    });

    it.each([
      [['ValueError', 'boom', 42], { name: 'ValueError', module: 'builtins', arguments: ['boom', 42] }],
      [['KeyError', 'k'], { name: 'KeyError', module: 'builtins', arguments: ['k'] }],
      [['Custom'], { name: 'Custom', module: '__main__', arguments: [] }],
      [['Inner', { a: 1 }], { name: 'Outer.Inner', module: '__main__', arguments: [{ a: 1 }] }],
    ])('the exception %j, as the cause of a failure', async (error, cause) => {
      const id = newId();
      await python.ask({ do: 'store', id, state: 'FAILURE', error, traceback: 'Traceback …' });
      const failure = await taskResult(stores.results, id)
        .get()
        .catch((caught: unknown) => caught);
      expect(failure).toMatchObject({ code: 'task-failed', cause });
      expect(await stores.results.get([id])).toMatchObject([{ state: 'FAILURE', traceback: 'Traceback …' }]);
    });

    it('a revoked task, and a value that JSON has no word for', async () => {
      const [revoked, nan] = [newId(), newId()];
      await python.ask({ do: 'revoke', id: revoked });
      await expect(taskResult(stores.results, revoked).get()).rejects.toMatchObject({
        code: 'task-revoked',
        message: 'TaskRevokedError: revoked',
      });
      const waiting = stores.results.wait(nan, { timeoutMs: 20_000 });
      await redis.client.set(
        `${PREFIX}celery-task-meta-${nan}`,
        '{"status": "SUCCESS", "result": [NaN], "children": []}',
      );
      await redis.client.publish(`${PREFIX}celery-task-meta-${nan}`, '{"status": "SUCCESS", "result": [NaN]}');
      expect(await waiting).toMatchObject({ state: 'SUCCESS', result: '[NaN]' });
      await expect(taskResult(stores.results, nan).get()).rejects.toMatchObject({ code: 'bad-message' });
    });

    it('a caller that waits here hears of it when Python stores it', async () => {
      const id = newId();
      const waited = stores.results.wait(id, { timeoutMs: 20_000 });
      await python.ask({ do: 'store', id, state: 'STARTED', result: { pid: 1, hostname: 'h' } });
      await python.ask({ do: 'store', id, state: 'SUCCESS', result: [1, 2] });
      expect(await waited).toMatchObject({ state: 'SUCCESS', result: '[1, 2]' });
    });

    it("what one side ended in SUCCESS the other leaves; anything else gives way to Celery's", async () => {
      const [ours, theirs, open] = [newId(), newId(), newId()];
      await stores.results.store([update(ours, 'SUCCESS', { result: '1' })]);
      await python.ask({ do: 'store', id: ours, state: 'FAILURE', error: ['KeyError', 'late'] });
      await python.ask({ do: 'store', id: theirs, state: 'SUCCESS', result: 2 });
      await stores.results.store([update(theirs, 'FAILURE', { attempt: { retries: 9, generation: 9 } })]);
      await python.ask({ do: 'store', id: open, state: 'FAILURE', error: ['KeyError', 'early'] });
      await stores.results.store([update(open, 'STARTED')]);
      expect((await stores.results.get([ours, theirs, open])).map((one) => one?.state)).toEqual([
        'SUCCESS',
        'SUCCESS',
        'STARTED',
      ]);
    });

    it('what Python ended is not run again where a task is marked once', async () => {
      const id = newId();
      await python.ask({ do: 'store', id, state: 'SUCCESS', result: 3 });
      const claim = await stores.results.claim({ id, retries: 2, generation: 0 }, 'me', 10);
      expect(claim).toMatchObject({ kind: 'done', result: { state: 'SUCCESS', result: '3' } });
      expect(await stores.results.claim({ id, retries: 0, generation: 1 }, 'me', 10)).toEqual({ kind: 'claimed' });
    });
  });
});
