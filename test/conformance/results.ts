import { describe, expect, it } from '@jest/globals';
import { type OpenHarness, on, result } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');
const later = { attempt: { retries: 1, generation: 0 } };

export function results(open: OpenHarness): void {
  describe('results', () => {
    it(
      'a result is stored with everything it has, and an unknown id has none',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        const full = result('a', 'FAILURE', {
          result: '{"exc_type":"ValueError","exc_message":["boom"],"exc_module":"builtins"}',
          traceback: 'Traceback …',
          attempt: { retries: 2, generation: 1 },
          parentId: 'p',
          rootId: 'r',
          groupId: 'g',
          children: ['c1', 'c2'],
          receivedAtMs: 1,
          startedAtMs: 2,
          doneAtMs: 3,
        });
        const before = harness.now();
        await results.store([full]);
        const [stored, unknown] = await results.get(['a', 'unknown']);
        expect(stored).toEqual({ ...full, updatedAtMs: expect.any(Number) });
        expect(stored?.updatedAtMs).toBeGreaterThanOrEqual(before);
        expect(unknown).toBeUndefined();
      }),
    );

    it.each([
      ['STARTED', 'SUCCESS', {}, 'SUCCESS'],
      ['STARTED', 'RETRY', {}, 'RETRY'],
      ['RETRY', 'STARTED', {}, 'STARTED'],
      ['PROGRESS', 'SUCCESS', {}, 'SUCCESS'],
      ['SUCCESS', 'FAILURE', {}, 'SUCCESS'],
      ['SUCCESS', 'STARTED', later, 'SUCCESS'],
      ['SUCCESS', 'REVOKED', later, 'SUCCESS'],
      ['FAILURE', 'STARTED', {}, 'FAILURE'],
      ['FAILURE', 'REVOKED', {}, 'FAILURE'],
      ['FAILURE', 'SUCCESS', {}, 'SUCCESS'],
      ['FAILURE', 'STARTED', later, 'STARTED'],
      ['REVOKED', 'STARTED', {}, 'REVOKED'],
      ['REVOKED', 'FAILURE', {}, 'FAILURE'],
      ['REVOKED', 'RETRY', { attempt: { retries: 0, generation: 1 } }, 'RETRY'],
    ])('after %s, %s %j leaves %s', async (before, after, fields, wanted) => {
      await on(open, topology, async ({ backend: { results } }) => {
        await results.store([result('a', before)]);
        await results.store([result('a', after, fields)]);
        expect(await results.get(['a'])).toMatchObject([{ state: wanted }]);
      })();
    });

    it(
      'updates of one call are stored in order',
      on(open, topology, async ({ backend: { results } }) => {
        await results.store([result('a', 'STARTED'), result('a', 'SUCCESS'), result('a', 'FAILURE')]);
        expect(await results.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
      }),
    );

    it(
      'a wait ends when the task is ready, and not before',
      on(open, topology, async ({ backend: { results } }) => {
        let ended = false;
        const waited = results.wait('a', { timeoutMs: 20_000 }).finally(() => {
          ended = true;
        });
        await results.store([result('a', 'STARTED')]);
        await results.get(['a']);
        expect(ended).toBe(false);
        await results.store([result('a', 'SUCCESS', { result: '7' })]);
        expect(await waited).toMatchObject({ id: 'a', state: 'SUCCESS', result: '7' });
        expect(await results.wait('a', { timeoutMs: 0 })).toMatchObject({ state: 'SUCCESS' });
      }),
    );

    it(
      'a wait ends with nothing after its time, and when its signal aborts',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        const waited = results.wait('a', { timeoutMs: 200 });
        await harness.passMs(250);
        expect(await waited).toBeUndefined();
        const stop = new AbortController();
        const stopped = results.wait('a', { timeoutMs: 20_000, signal: stop.signal });
        stop.abort();
        expect(await stopped).toBeUndefined();
      }),
    );

    it(
      'the newest results are listed first, by state, task and queue',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        await results.store([result('a', 'STARTED'), result('b', 'FAILURE', { task: 'tests.tasks.other' })]);
        await results.store([result('c', 'SUCCESS', { queue: 'audit' })]);
        const ids = async (options: Partial<Parameters<typeof results.list>[0]>) =>
          (await results.list({ limit: 10, ...options })).map(({ id }) => id);
        expect(await ids({})).toEqual(['c', 'b', 'a']);
        expect(await ids({ limit: 2 })).toEqual(['c', 'b']);
        expect(await ids({ state: 'FAILURE' })).toEqual(['b']);
        expect(await ids({ state: 'SUCCESS' })).toEqual(['c']);
        expect(await ids({ task: 'tests.tasks.note' })).toEqual(['c', 'a']);
        expect(await ids({ queue: 'audit', state: 'SUCCESS' })).toEqual(['c']);
        expect(await ids({ queue: 'audit', state: 'FAILURE' })).toEqual([]);
        await results.store([result('a', 'SUCCESS')]);
        expect(await ids({})).toEqual(['a', 'c', 'b']);
      }),
    );

    it(
      'a forgotten result is gone',
      on(open, topology, async ({ backend: { results } }) => {
        await results.store([result('a', 'SUCCESS'), result('b', 'SUCCESS')]);
        await results.forget(['a', 'unknown']);
        expect(await results.get(['a', 'b'])).toMatchObject([undefined, { id: 'b' }]);
      }),
    );

    it(
      'an expired result is not read any more, and a cleanup deletes it where the server does not',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        const expiresMs = results.expiresSeconds * 1000;
        if (expiresMs + 1000 > harness.longestPassMs) return;
        await results.store([result('old', 'SUCCESS')]);
        await harness.passMs(expiresMs - 1000);
        await results.store([result('young', 'SUCCESS')]);
        expect(await results.get(['old'])).toMatchObject([{ id: 'old' }]);
        await harness.passMs(1500);
        expect(await results.get(['old', 'young'])).toMatchObject([undefined, { id: 'young' }]);
        expect((await results.list({ limit: 5 })).map(({ id }) => id)).toEqual(['young']);
        expect([0, 1]).toContain(await results.cleanup());
        expect(await results.cleanup()).toBe(0);
        expect(await results.get(['young'])).toMatchObject([{ id: 'young' }]);
      }),
    );
  });
}
