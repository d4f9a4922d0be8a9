/** What the conformance suite does not ask: how much is written and read, and what two processes see of each other. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { AwsCalls } from '../../../shared/cellar/aws/calls.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { systemRuntime } from '../../../shared/cellar/clock.ts';
import { chordPartId } from '../../../shared/cellar/ids.ts';
import type { ResultStore, ResultUpdate } from '../../../shared/cellar/result-store.ts';
import { openDynamoResults } from '../../../shared/cellar/results/dynamodb/open-dynamo-results.ts';
import { result } from '../../conformance/deliveries.ts';
import { type Emulator, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { until } from '../../support/running-shop.ts';
import { countedCalls } from './dynamodb/counted-calls.ts';
import { callsTo, newStores, newTable } from './dynamodb/dynamo-rig.ts';

const STATES = ['PENDING', 'RECEIVED', 'STARTED', 'PROGRESS', 'RETRY', 'REVOKED', 'FAILURE', 'SUCCESS'];
const ATTEMPTS = [
  { retries: 0, generation: -1 },
  { retries: 0, generation: 0 },
  { retries: 1, generation: 0 },
  { retries: 0, generation: 1 },
];
const DAY_MS = 86_400_000;

(hasEmulator('ministack') ? describe : describe.skip)('results on DynamoDB', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  }, 60_000);
  afterAll(() => emulator.stop());

  async function counted() {
    const calls = countedCalls(callsTo(emulator.endpoint));
    return { calls, ...(await newStores(emulator.endpoint, { calls })) };
  }

  it('has the precedence of every other store, for each pair of states and attempts', async () => {
    const updates = STATES.flatMap((state) => ATTEMPTS.map((attempt) => ({ state, attempt })));
    const pairs = updates.flatMap((before) => updates.map((after) => ({ before, after })));
    const writes = pairs.flatMap(({ before, after }, index): readonly ResultUpdate[] => [
      result(`${index}`, before.state, { attempt: before.attempt }),
      result(`${index}`, after.state, { attempt: after.attempt }),
    ]);
    const ids = pairs.map((_pair, index) => `${index}`);
    const left = async (store: ResultStore) => {
      await store.store(writes);
      return (await store.get(ids)).map((stored) => `${stored?.state} ${JSON.stringify(stored?.attempt)}`);
    };
    const { results: expected } = await openMemory({ runtime: systemRuntime });
    const { results } = await newStores(emulator.endpoint);
    expect(ids).toHaveLength(1024);
    expect(await left(results)).toEqual(await left(expected));
  }, 120_000);

  it('writes once for a state, once more for a claim, and reads nothing to decide', async () => {
    const { calls, results } = await counted();
    await results.store([result('a', 'SUCCESS'), result('b', 'FAILURE')]);
    await results.store([result('a', 'STARTED')]);
    expect(calls.made).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem']);
    calls.reset();
    const key = { id: 'c', retries: 0, generation: 0 };
    expect(await results.claim(key, 'one', 10)).toEqual({ kind: 'claimed' });
    expect(await results.claim(key, 'two', 10)).toMatchObject({ kind: 'running' });
    await results.store([result('c', 'SUCCESS')]);
    expect(await results.claim(key, 'two', 10)).toMatchObject({ kind: 'done', result: { id: 'c', result: '42' } });
    expect(calls.made).toEqual(['UpdateItem', 'UpdateItem', 'UpdateItem', 'UpdateItem']);
  });

  it('gives what a run saved to publish to the run that repeats it', async () => {
    const { results } = await newStores(emulator.endpoint);
    const outbox = [
      {
        exchange: '',
        routingKey: 'mail',
        headers: { id: 'child', task: 'tests.tasks.note' },
        contentType: 'application/json',
        contentEncoding: 'utf-8',
        body: '[["é"],{},{}]',
        correlationId: 'child',
        deduplicationId: 'child:0:0',
      },
    ];
    const key = { id: 'a', retries: 0, generation: 0 };
    await results.claim(key, 'one', 10);
    await results.store([result('a', 'SUCCESS', { outbox })]);
    expect(await results.claim(key, 'two', 10)).toMatchObject({ kind: 'done', result: { outbox } });
  });

  it('asks for revoked tasks and results a hundred at a time', async () => {
    const { calls, results } = await counted();
    const ids = Array.from({ length: 250 }, (_, index) => `task ${index}`);
    await results.revoke([...ids.slice(0, 3), 'task 200']);
    await results.store([result('task 249', 'SUCCESS')]);
    calls.reset();
    expect([...(await results.revoked([...ids, ...ids]))].toSorted()).toEqual([
      'task 0',
      'task 1',
      'task 2',
      'task 200',
    ]);
    expect(calls.made).toEqual(['BatchGetItem', 'BatchGetItem', 'BatchGetItem']);
    expect((await results.get(ids)).findIndex((stored) => stored !== undefined)).toBe(249);
    expect(await results.revoked([])).toEqual(new Set());
    expect(calls.made).toHaveLength(6);
  });

  it('tells all who wait of what another process stored, in one call for all of them', async () => {
    const table = await newTable(emulator.endpoint);
    const calls = countedCalls(callsTo(emulator.endpoint));
    const open = (by = callsTo(emulator.endpoint)) =>
      openDynamoResults({ calls: by, table, runtime: systemRuntime, expiresSeconds: 600 }).results;
    const here = open(calls);
    const there = open();
    const ids = Array.from({ length: 40 }, (_, index) => `${index}`);
    const waits = Promise.all(ids.map((id) => here.wait(id, { timeoutMs: 20_000 })));
    await until(() => calls.made.length > ids.length, 5_000); // each has looked, and all together
    await there.store(ids.map((id) => result(id, 'SUCCESS', { result: id })));
    calls.reset();
    expect((await waits).map((stored) => stored?.result)).toEqual(ids);
    expect(calls.made.length).toBeLessThan(20);
  });

  it('lists over days, shards and both kinds of states, newest first, and no more than are asked for', async () => {
    const clock = manualClock();
    const table = await newTable(emulator.endpoint);
    const calls = callsTo(emulator.endpoint);
    const { results } = openDynamoResults({ calls, table, runtime: manualRuntime(clock), expiresSeconds: 3 * 86_400 });
    const ids = Array.from({ length: 59 }, (_, index) => `task-${index}`);
    for (const id of ids) {
      const number = Number(id.slice(5));
      await results.store([
        result(id, number % 3 === 0 ? 'FAILURE' : 'SUCCESS', { task: number % 20 === 0 ? 'tests.rare' : 'tests.note' }),
      ]);
      await clock.advance(DAY_MS / 20);
    }
    const newest = ids.toReversed();
    const listed = async (options: Partial<Parameters<ResultStore['list']>[0]>) =>
      (await results.list({ limit: 1000, ...options })).map(({ id }) => id);
    expect(await listed({})).toEqual(newest);
    expect(await listed({ limit: 25 })).toEqual(newest.slice(0, 25));
    expect(await listed({ state: 'FAILURE', limit: 5 })).toEqual([
      'task-57',
      'task-54',
      'task-51',
      'task-48',
      'task-45',
    ]);
    expect(await listed({ task: 'tests.rare' })).toEqual(['task-40', 'task-20', 'task-0']);
    await clock.advance(DAY_MS);
    expect(await listed({})).toEqual(newest.slice(0, 39));
  });

  it('lists no claims and forgets no claim with its result', async () => {
    const { results } = await newStores(emulator.endpoint);
    const key = { id: 'a', retries: 0, generation: 0 };
    await results.claim(key, 'one', 60);
    expect(await results.list({ limit: 5 })).toEqual([]);
    await results.store([result('a', 'STARTED')]);
    await results.forget(['a']);
    expect(await results.get(['a'])).toEqual([undefined]);
    expect(await results.list({ limit: 5 })).toEqual([]);
    expect(await results.claim(key, 'two', 60)).toMatchObject({ kind: 'running' });
  });

  it('lets nobody claim an attempt before one that is claimed, while that runs', async () => {
    const { results } = await newStores(emulator.endpoint);
    await results.claim({ id: 'a', retries: 1, generation: 0 }, 'one', 60);
    expect(await results.claim({ id: 'a', retries: 0, generation: 0 }, 'two', 60)).toMatchObject({ kind: 'running' });
    expect(await results.claim({ id: 'a', retries: 0, generation: 1 }, 'two', 60)).toEqual({ kind: 'claimed' });
  });

  it('refuses an update that no item holds, and says so', async () => {
    const { results } = await newStores(emulator.endpoint);
    const storing = results.store([result('a', 'SUCCESS', { result: JSON.stringify('x'.repeat(500_000)) })]);
    await expect(storing).rejects.toMatchObject({ code: 'message-too-large' });
    const most = results.maxUpdateBytes ?? 0;
    await results.store([result('b', 'SUCCESS', { result: JSON.stringify('x'.repeat(most)) })]);
    expect(await results.get(['b'])).toMatchObject([{ id: 'b' }]);
  });

  it('says what AWS said where the table is missing, with a code', async () => {
    const { results, schedules, attempts } = openDynamoResults({
      calls: callsTo(emulator.endpoint),
      table: 'nowhere',
      runtime: systemRuntime,
      expiresSeconds: 600,
    });
    const key = { id: 'a', retries: 0, generation: 0 };
    const all = [
      results.get(['a']),
      results.store([result('a', 'SUCCESS')]),
      results.claim(key, 'one', 5),
      results.revoke(['a']),
      results.revoked(['a']),
      results.list({ limit: 1 }),
      results.wait('a', { timeoutMs: 1_000 }),
      schedules.lastFired(),
      schedules.advance('nightly', undefined, 1),
      attempts.begin('m'),
      attempts.unfinished(['m']),
    ];
    for (const one of await Promise.allSettled(all)) {
      expect(one).toMatchObject({
        reason: { code: 'store-unavailable', message: expect.stringContaining('ResourceNotFound') },
      });
    }
  });

  it('is closed after close, and ends its waits', async () => {
    const { results } = await newStores(emulator.endpoint);
    const waited = results.wait('a', { timeoutMs: 20_000 });
    await results.get(['a']);
    await results.close();
    expect(await waited).toBeUndefined();
    await expect(results.get(['a'])).rejects.toMatchObject({ code: 'closed' });
    await expect(results.store([])).rejects.toMatchObject({ code: 'closed' });
  });

  it('finds a chord complete on a repetition, whose part died between its shard and the root', async () => {
    const calls = callsTo(emulator.endpoint);
    let isDead = false;
    const dying: AwsCalls = {
      call(operation, input, options) {
        const key = JSON.stringify('Key' in input ? input.Key : '');
        if (isDead && key.includes('chord#c"')) return Promise.reject(new Error('the process died'));
        return calls.call(operation, input, options);
      },
      close: () => calls.close(),
    };
    const { chords } = await newStores(emulator.endpoint, { calls: dying });
    const part = (index: number) => ({ index, taskId: chordPartId('c', index), state: 'SUCCESS', result: '42' });
    await chords.open('c', 2);
    expect(await chords.ended('c', part(0))).toEqual({ kind: 'pending' });
    isDead = true;
    await expect(chords.ended('c', part(1))).rejects.toThrow('the process died');
    isDead = false;
    expect(await chords.ended('c', part(1))).toMatchObject({ kind: 'complete' });
  });

  it('says of a part whose result is not kept any more that it failed, so that its chord has an end', async () => {
    const { chords, results } = await newStores(emulator.endpoint);
    const ids = [0, 1].map((index) => chordPartId('old', index));
    await chords.open('old', 2);
    await results.store(ids.map((id) => result(id, 'SUCCESS')));
    const part = (index: number) => ({ index, taskId: ids[index] ?? '', state: 'SUCCESS', result: '42' });
    await chords.ended('old', part(0));
    await results.forget(ids.slice(0, 1));
    expect(await chords.ended('old', part(1))).toEqual({
      kind: 'complete',
      parts: [{ ...part(0), state: 'FAILURE', result: expect.stringContaining('its result has expired') }, part(1)],
    });
  });

  describe('attempts', () => {
    it('counts the starts of a message that have come to no outcome', async () => {
      const { attempts } = await newStores(emulator.endpoint);
      expect(await attempts.begin('m')).toBe(1);
      expect(await attempts.begin('m')).toBe(2);
      await attempts.ended('m');
      expect(await attempts.begin('m')).toBe(2);
      expect(await attempts.begin('other')).toBe(1);
      await attempts.ended('other');
      expect(await attempts.unfinished(['other', 'm', 'never'])).toEqual(new Set(['m']));
    });
  });
});
