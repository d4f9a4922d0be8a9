import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { result } from './deliveries.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');
const key = { id: 'a', retries: 0, generation: 0 };

export const claims: Topic = {
  name: 'claims',
  behaviours: (it) => {
    it('one owner gets the claim, the other hears until when it is held; the owner prolongs it', {
      on: topology,
    }, async (harness) => {
      const { results } = harness.backend;
      expect(await results.claim(key, 'one', 10)).toEqual({ kind: 'claimed' });
      const refused = await results.claim(key, 'two', 10);
      if (refused.kind !== 'running') throw new Error(`a running claim was expected, got ${refused.kind}`);
      expect(refused.untilMs).toBeGreaterThan(harness.now());
      expect(await results.claim(key, 'one', 100)).toEqual({ kind: 'claimed' });
      const prolonged = await results.claim(key, 'two', 10);
      expect(prolonged.kind === 'running' && prolonged.untilMs > refused.untilMs).toBe(true);
    });

    it('of many who claim at once one gets it', { on: topology }, async ({ backend: { results } }) => {
      const owners = Array.from({ length: 10 }, (_, index) => `owner ${index}`);
      const claims = await Promise.all(owners.map((owner) => results.claim(key, owner, 10)));
      expect(claims.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
      expect(claims.filter(({ kind }) => kind === 'running')).toHaveLength(9);
    });

    it('another attempt is another claim', { on: topology }, async ({ backend: { results } }) => {
      await results.claim(key, 'one', 10);
      expect(await results.claim({ ...key, retries: 1 }, 'two', 10)).toEqual({ kind: 'claimed' });
      expect(await results.claim({ ...key, generation: 1 }, 'two', 10)).toEqual({ kind: 'claimed' });
      expect(await results.claim({ ...key, id: 'b' }, 'two', 10)).toEqual({ kind: 'claimed' });
    });

    it('a claim ends with its lease, or when its owner gives it up', { on: topology }, async (harness) => {
      const { results } = harness.backend;
      await results.claim(key, 'one', 1);
      await harness.passMs(1100);
      expect(await results.claim(key, 'two', 10)).toEqual({ kind: 'claimed' });
      await results.unclaim([key], 'one');
      expect(await results.claim(key, 'three', 10)).toMatchObject({ kind: 'running' });
      await results.unclaim([key], 'two');
      expect(await results.claim(key, 'three', 10)).toEqual({ kind: 'claimed' });
    });

    it('an attempt that ended is done: its outcome is told, and a later attempt may run', { on: topology }, async ({
      backend: { results },
    }) => {
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
    });
  },
};
