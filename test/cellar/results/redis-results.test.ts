import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { openRedisResults, type RedisStores } from '../../../shared/cellar/results/redis/open-redis-results.ts';
import { result as update } from '../../conformance/deliveries.ts';
import { hasRedis, startRedis, type TestRedis } from '../../support/redis.ts';
import { until } from '../../support/running-shop.ts';

interface Captured {
  readonly value: {
    readonly task_id: string;
    readonly status: string;
    readonly result: unknown;
    readonly traceback: string | null;
    readonly children: readonly [readonly [string, null], null][];
    readonly date_done: string | null;
    readonly parent_id?: string;
    readonly group_id?: string;
  };
}

const { redis_results: captures }: { redis_results: Readonly<Record<string, Captured>> } = JSON.parse(
  readFileSync(new URL('../../golden/worker-redis-events-pidbox-prefork.json', import.meta.url), 'utf8'),
);
const stored = Object.entries(captures).filter(([, { value }]) => value !== null && value !== undefined);
/** What is stored beside Celery's own members: those of `result_extended`, and ours. */
const EXTRA = ['args', 'cellar', 'kwargs', 'name', 'queue', 'retries', 'worker'];
const ALPHABET = (left: string, right: string): number => (left < right ? -1 : 1);

(hasRedis() ? describe : describe.skip)('results in Redis', () => {
  let redis: TestRedis;
  let stores: RedisStores;
  /** Of this run: a Redis that is given may remember an earlier one. */
  const run = randomUUID();
  const prefix = `results-${run}:`;
  const open = (name = prefix, resultExpiresSeconds = 600) =>
    openRedisResults({ url: `${redis.url}?global_keyprefix=${name}`, runtime, resultExpiresSeconds });

  beforeAll(async () => {
    redis = await startRedis();
    stores = await open();
  });
  afterAll(async () => {
    await stores?.results.close();
    await redis?.stop();
  });

  it.each(stored)('%s is stored as Celery stores it, with what only an extended result has', async (_, { value }) => {
    const {
      task_id: id,
      status,
      result,
      traceback,
      children,
      date_done: done,
      parent_id: parentId,
      group_id: groupId,
    } = value;
    await stores.results.store([
      update(id, status, {
        result: JSON.stringify(result),
        ...(traceback === null ? {} : { traceback }),
        ...(parentId === undefined ? {} : { parentId }),
        ...(groupId === undefined ? {} : { groupId }),
        children: children.map(([[child]]) => child),
        ...(done === null ? {} : { doneAtMs: Date.parse(done) }),
      }),
    ]);
    const text = (await redis.client.get(`${prefix}celery-task-meta-${id}`)) ?? '';
    const ours = JSON.parse(text);
    // Python's times have microseconds, ours milliseconds.
    const millis = done === null ? null : `${done.slice(0, 23)}+00:00`;
    expect(ours).toMatchObject({ ...value, date_done: millis });
    expect(Object.keys(ours).toSorted(ALPHABET)).toEqual([...Object.keys(value), ...EXTRA].toSorted(ALPHABET));
    expect(await redis.client.ttl(`${prefix}celery-task-meta-${id}`)).toBeGreaterThan(500);
  });

  it.each(stored)('%s is read here as Celery stored it', async (_, { value }) => {
    const id = `read-${value.task_id}`;
    await redis.client.set(`${prefix}celery-task-meta-${id}`, JSON.stringify(value));
    const [found] = await stores.results.get([id]);
    expect(found).toMatchObject({ id, state: value.status, attempt: { retries: 0, generation: 0 } });
    expect(JSON.parse(found?.result ?? '')).toEqual(value.result);
    expect(found?.traceback ?? null).toBe(value.traceback);
    expect(found?.children ?? []).toEqual(value.children.map(([[child]]) => child));
    if (value.date_done !== null) expect(found?.doneAtMs).toBe(Date.parse(value.date_done));
  });

  it('each state is told on the channel of its key, as it is stored', async () => {
    const listener = redis.client.duplicate();
    const heard: string[] = [];
    listener.on('message', (_, text) => heard.push(text));
    await listener.subscribe(`${prefix}celery-task-meta-told`);
    await stores.results.store([update('told', 'STARTED'), update('told', 'SUCCESS'), update('told', 'FAILURE')]);
    const kept = await redis.client.get(`${prefix}celery-task-meta-told`);
    await listener.ping(); // what was published before has come
    expect(heard.map((text) => JSON.parse(text).status)).toEqual(['STARTED', 'SUCCESS']);
    expect(heard.at(-1)).toBe(kept);
    listener.disconnect();
  });

  it('bytes of saved messages, numbers beyond 2^53 and a state of any name come back as they were', async () => {
    const outbox = [
      {
        exchange: '',
        routingKey: 'mail',
        headers: { id: 'c', tagged: { __type__: 'uuid', __value__: 'x' } },
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        body: new Uint8Array([0, 255, 1]),
        correlationId: 'c',
      },
    ];
    const given = update('whole', 'half "done"\\', { result: '[9007199254740993]', outbox, rootId: 'r' });
    await stores.results.store([given]);
    expect(await stores.results.get(['whole'])).toEqual([{ ...given, updatedAtMs: expect.any(Number) }]);
    await stores.results.store([update('whole', 'SUCCESS')]);
    await stores.results.store([update('whole', 'half "done"\\', { attempt: { retries: 5, generation: 5 } })]);
    expect(await stores.results.get(['whole'])).toMatchObject([{ state: 'SUCCESS' }]);
  });

  it('what has expired is not listed any more, and what is there no longer is left out', async () => {
    const short = await open(`short-${run}:`);
    await short.results.store([update('a', 'SUCCESS'), update('b', 'FAILURE'), update('c', 'SUCCESS')]);
    await redis.client.del(`short-${run}:celery-task-meta-b`);
    expect((await short.results.list({ limit: 10 })).map(({ id }) => id)).toEqual(['c', 'a']);
    await redis.client.zadd(`short-${run}:cellar:recent`, 1, 'a');
    await short.results.store([update('d', 'SUCCESS')]);
    expect((await short.results.list({ limit: 10 })).map(({ id }) => id)).toEqual(['d', 'c']);
    expect(await redis.client.ttl(`short-${run}:cellar:recent`)).toBeGreaterThan(500);
    await short.results.close();
  });

  it('a list that few results fit reads on until there are enough', async () => {
    const many = await open(`many-${run}:`);
    const ids = Array.from({ length: 1300 }, (_, index) => `t${index}`);
    await many.results.store(ids.map((id) => update(id, id.endsWith('99') ? 'FAILURE' : 'SUCCESS')));
    const found = await many.results.list({ limit: 3, state: 'FAILURE' });
    expect(found.map(({ id }) => id)).toEqual(['t1299', 't1199', 't1099']);
    expect(await many.results.list({ limit: 50, state: 'FAILURE' })).toHaveLength(13);
    await many.results.close();
  });

  it('revocations and starts have a time to live; a claim has its lease', async () => {
    await stores.results.revoke(['r1']);
    await stores.attempts.begin('m1');
    await stores.results.claim({ id: 'k', retries: 1, generation: 0 }, 'me', 30);
    expect(await redis.client.ttl(`${prefix}cellar:revoked:r1`)).toBeGreaterThan(500);
    expect(await redis.client.ttl(`${prefix}cellar:starts:m1`)).toBeGreaterThan(14 * 86_400);
    expect(await redis.client.pttl(`${prefix}cellar:claim:k:0.1`)).toBeGreaterThan(20_000);
  });

  it('starts that came to no outcome are counted', async () => {
    const { attempts } = stores;
    expect(await attempts.begin('m2')).toBe(1);
    expect(await attempts.begin('m2')).toBe(2);
    expect([...(await attempts.unfinished(['m2', 'm3']))]).toEqual(['m2']);
    await attempts.ended('m2');
    expect(await attempts.begin('m2')).toBe(2);
    await attempts.ended('m2');
    await attempts.ended('m2');
    await attempts.ended('m2');
    expect([...(await attempts.unfinished(['m2']))]).toEqual([]);
    expect(await attempts.begin('m2')).toBe(1);
  });

  it('a chord that Celery opened is kept as long as results are, one of ours as long as a queue keeps its parts', async () => {
    const part = { index: 0, taskId: 't', state: 'SUCCESS', result: '1' };
    await redis.client.set(`${prefix}celery-taskset-meta-theirs.s`, '2', 'EX', 50);
    await stores.chords.ended('theirs', part);
    await stores.chords.open('ours', 2);
    await stores.chords.ended('ours', part);
    for (const [id, seconds] of [
      ['theirs', 500],
      ['ours', 29 * 86_400],
    ] as const) {
      for (const name of ['.j', '.s'])
        expect(await redis.client.ttl(`${prefix}celery-taskset-meta-${id}${name}`)).toBeGreaterThan(seconds);
    }
    expect(await redis.client.ttl(`${prefix}celery-taskset-meta-theirs.s`)).toBeLessThan(700);
  });

  it("parts that were added to a chord's header in Python are waited for, and stand behind the others", async () => {
    await stores.chords.open('grown', 1);
    await redis.client.incr(`${prefix}celery-taskset-meta-grown.t`);
    const part = { index: 0, taskId: 't', state: 'SUCCESS', result: '1' };
    expect(await stores.chords.ended('grown', part)).toEqual({ kind: 'pending' });
    await redis.client.zadd(`${prefix}celery-taskset-meta-grown.j`, '+inf', '[1, "late", "SUCCESS", {"a": 2}]');
    expect(await stores.chords.ended('grown', part)).toEqual({
      kind: 'complete',
      parts: [part, { index: 1, taskId: 'late', state: 'SUCCESS', result: '{"a": 2}' }],
    });
  });

  it('a key that holds something else is a fault of that task only', async () => {
    await redis.client.lpush(`${prefix}celery-task-meta-list`, 'x');
    const outcomes = await Promise.allSettled(
      ['fine-1', 'list', 'fine-2'].map((id) => stores.results.store([update(id, 'SUCCESS')])),
    );
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(outcomes[1]).toMatchObject({
      reason: { code: 'store-unavailable', message: expect.stringMatching(/key of task list: WRONGTYPE/) },
    });
    expect(await stores.results.get(['fine-1', 'fine-2'])).toMatchObject([{ id: 'fine-1' }, { id: 'fine-2' }]);
  });

  it('what is stored in another form than JSON is said to be so, also to who waits', async () => {
    const key = `${prefix}celery-task-meta-pickled`;
    await redis.client.set(key, '\u0080\u0005pickle');
    const fault = { code: 'bad-message', message: expect.stringMatching(/of task pickled cannot be read.*'json'/) };
    await expect(stores.results.get(['pickled'])).rejects.toMatchObject(fault);
    await expect(stores.results.wait('pickled', { timeoutMs: 20_000 })).rejects.toMatchObject(fault);
    await redis.client.del(key);
    const waited = stores.results.wait('pickled', { timeoutMs: 20_000 });
    await stores.results.store([update('pickled', 'SUCCESS')]);
    expect(await waited).toMatchObject({ state: 'SUCCESS' });
  });

  it('many who wait for one task and for many are told; nobody listens afterwards', async () => {
    const ids = Array.from({ length: 50 }, (_, index) => `w${index}`);
    const waits = [...ids, ...ids].map((id) => stores.results.wait(id, { timeoutMs: 20_000 }));
    const stop = new AbortController();
    const aborted = stores.results.wait('w0', { timeoutMs: 20_000, signal: stop.signal });
    stop.abort();
    await stores.results.store(ids.map((id) => update(id, 'SUCCESS')));
    expect(await aborted).toBeUndefined();
    expect((await Promise.all(waits)).map((found) => found?.id)).toEqual([...ids, ...ids]);
    await until(async () => (await redis.client.pubsub('CHANNELS', `${prefix}*`)).length === 0, 20_000);
  });

  it('a closed store refuses every call, and ends its waits with nothing', async () => {
    const other = await open(`closed-${run}:`);
    const waited = other.results.wait('a', { timeoutMs: 20_000 });
    await other.results.close();
    expect(await waited).toBeUndefined();
    await expect(other.results.get(['a'])).rejects.toMatchObject({ code: 'closed' });
    await expect(other.chords.open('a', 1)).rejects.toMatchObject({ code: 'closed' });
    await other.results.close();
  });
});
