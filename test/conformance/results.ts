import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { result } from './deliveries.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');
const later = { attempt: { retries: 1, generation: 0 } };

const PRECEDENCE = [
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
] as const;

export const results: Topic = {
  name: 'results',
  behaviours: (it) => {
    it('a result is stored with everything it has, and an unknown id has none', { on: topology }, async (harness) => {
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
    });

    for (const [before, after, fields, wanted] of PRECEDENCE)
      it(`after ${before}, ${after} ${JSON.stringify(fields)} leaves ${wanted}`, { on: topology }, async ({
        backend: { results },
      }) => {
        await results.store([result('a', before)]);
        await results.store([result('a', after, fields)]);
        expect(await results.get(['a'])).toMatchObject([{ state: wanted }]);
      });

    it('updates of one call are stored in order', { on: topology }, async ({ backend: { results } }) => {
      await results.store([result('a', 'STARTED'), result('a', 'SUCCESS'), result('a', 'FAILURE')]);
      expect(await results.get(['a'])).toMatchObject([{ state: 'SUCCESS' }]);
    });

    it('a wait ends when the task is ready, and not before', { on: topology }, async ({ backend: { results } }) => {
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
    });

    it('a wait ends with nothing after its time, and when its signal aborts', { on: topology }, async (harness) => {
      const { results } = harness.backend;
      const waited = results.wait('a', { timeoutMs: 200 });
      await harness.passMs(250);
      expect(await waited).toBeUndefined();
      const stop = new AbortController();
      const stopped = results.wait('a', { timeoutMs: 20_000, signal: stop.signal });
      stop.abort();
      expect(await stopped).toBeUndefined();
    });

    it('the newest results are listed first, by state, task and queue', { on: topology }, async (harness) => {
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
    });

    it('a forgotten result is gone', { on: topology }, async ({ backend: { results } }) => {
      await results.store([result('a', 'SUCCESS'), result('b', 'SUCCESS')]);
      await results.forget(['a', 'unknown']);
      expect(await results.get(['a', 'b'])).toMatchObject([undefined, { id: 'b' }]);
    });

    it('an expired result is not read any more, and a cleanup deletes it where the server does not', {
      on: topology,
      opened: { resultExpiresSeconds: 8 },
    }, async (harness) => {
      const { results } = harness.backend;
      await results.store([result('old', 'SUCCESS')]);
      expect(await results.get(['old'])).toMatchObject([{ id: 'old' }]);
      await harness.passMs(results.expiresSeconds * 1000 + 100);
      await results.store([result('young', 'SUCCESS')]);
      expect(await results.get(['old', 'young'])).toMatchObject([undefined, { id: 'young' }]);
      expect((await results.list({ limit: 5 })).map(({ id }) => id)).toEqual(['young']);
      expect([0, 1]).toContain(await results.cleanup());
      expect(await results.cleanup()).toBe(0);
      expect(await results.get(['young'])).toMatchObject([{ id: 'young' }]);
    });
  },
};
