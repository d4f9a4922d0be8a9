import { describe, expect, it } from '@jest/globals';
import { type OpenHarness, on, result } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');
const key = { id: 'a', retries: 0, generation: 0 };

export function claims(open: OpenHarness): void {
  describe('claims', () => {
    it(
      'one owner gets the claim, the other hears until when it is held; the owner prolongs it',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        expect(await results.claim(key, 'one', 10)).toEqual({ kind: 'claimed' });
        const refused = await results.claim(key, 'two', 10);
        if (refused.kind !== 'running') throw new Error(`a running claim was expected, got ${refused.kind}`);
        expect(refused.untilMs).toBeGreaterThan(harness.now());
        expect(await results.claim(key, 'one', 100)).toEqual({ kind: 'claimed' });
        const prolonged = await results.claim(key, 'two', 10);
        expect(prolonged.kind === 'running' && prolonged.untilMs > refused.untilMs).toBe(true);
      }),
    );

    it(
      'of many who claim at once one gets it',
      on(open, topology, async ({ backend: { results } }) => {
        const owners = Array.from({ length: 10 }, (_, index) => `owner ${index}`);
        const claims = await Promise.all(owners.map((owner) => results.claim(key, owner, 10)));
        expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
        expect(claims.filter(({ kind }) => kind === 'running')).toHaveLength(9);
      }),
    );

    it(
      'another attempt is another claim',
      on(open, topology, async ({ backend: { results } }) => {
        await results.claim(key, 'one', 10);
        expect(await results.claim({ ...key, retries: 1 }, 'two', 10)).toEqual({ kind: 'claimed' });
        expect(await results.claim({ ...key, generation: 1 }, 'two', 10)).toEqual({ kind: 'claimed' });
        expect(await results.claim({ ...key, id: 'b' }, 'two', 10)).toEqual({ kind: 'claimed' });
      }),
    );

    it(
      'a claim ends with its lease, or when its owner gives it up',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        await results.claim(key, 'one', 1);
        await harness.passMs(1100);
        expect(await results.claim(key, 'two', 10)).toEqual({ kind: 'claimed' });
        await results.unclaim([key], 'one');
        expect(await results.claim(key, 'three', 10)).toMatchObject({ kind: 'running' });
        await results.unclaim([key], 'two');
        expect(await results.claim(key, 'three', 10)).toEqual({ kind: 'claimed' });
      }),
    );

    it(
      'an attempt that ended is done: its outcome is told, and a later attempt may run',
      on(open, topology, async ({ backend: { results } }) => {
        await results.claim(key, 'one', 10);
        await results.store([result('a', 'STARTED')]);
        expect(await results.claim(key, 'two', 10)).toMatchObject({ kind: 'running' });
        await results.store([result('a', 'RETRY', { children: ['c'] })]);
        expect(await results.claim(key, 'two', 10)).toMatchObject({
          kind: 'done',
          result: { state: 'RETRY', children: ['c'] },
        });
        expect(await results.claim({ ...key, retries: 1 }, 'two', 10)).toEqual({ kind: 'claimed' });
        await results.store([result('a', 'SUCCESS', { attempt: { retries: 1, generation: 0 } })]);
        expect(await results.claim({ ...key, retries: 1 }, 'two', 10)).toMatchObject({ kind: 'done' });
        expect(await results.claim(key, 'two', 10)).toMatchObject({ kind: 'done' });
      }),
    );
  });

  describe('revoked tasks', () => {
    it(
      'what was revoked is told, and nothing else',
      on(open, topology, async ({ backend: { results } }) => {
        expect([...(await results.revoked(['a', 'b']))]).toEqual([]);
        await results.revoke(['a', 'c']);
        await results.revoke(['a']);
        expect([...(await results.revoked(['a', 'b', 'c']))].toSorted()).toEqual(['a', 'c']);
      }),
    );

    it(
      'a revocation is remembered as long as results are',
      on(open, topology, async (harness) => {
        const { results } = harness.backend;
        const expiresMs = results.expiresSeconds * 1000;
        if (expiresMs + 1000 > harness.longestPassMs) return;
        await results.revoke(['a']);
        await harness.passMs(expiresMs - 500);
        expect([...(await results.revoked(['a']))]).toEqual(['a']);
        await harness.passMs(1000);
        expect([...(await results.revoked(['a']))]).toEqual([]);
      }),
    );
  });
}

export function schedules(open: OpenHarness): void {
  describe('schedules', () => {
    it(
      'the due time last fired is remembered by name',
      on(open, topology, async ({ backend: { schedules } }) => {
        expect([...(await schedules.lastFired())]).toEqual([]);
        expect(await schedules.advance('nightly', undefined, 1000)).toBe(true);
        expect(await schedules.advance('hourly', undefined, 500)).toBe(true);
        expect(await schedules.advance('nightly', 1000, 2000)).toBe(true);
        expect(await schedules.lastFired()).toEqual(
          new Map([
            ['nightly', 2000],
            ['hourly', 500],
          ]),
        );
      }),
    );

    it(
      'of two who advance the same schedule one is first',
      on(open, topology, async ({ backend: { schedules } }) => {
        const both = await Promise.all([
          schedules.advance('nightly', undefined, 1000),
          schedules.advance('nightly', undefined, 1000),
        ]);
        expect(both.toSorted()).toEqual([false, true]);
        expect(await schedules.advance('nightly', 999, 3000)).toBe(false);
        expect(await schedules.advance('nightly', undefined, 3000)).toBe(false);
        expect(await schedules.lastFired()).toEqual(new Map([['nightly', 1000]]));
      }),
    );
  });
}
