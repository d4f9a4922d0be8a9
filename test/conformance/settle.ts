import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can } from './conditions.ts';
import { ackAll, drain, first, message, result, settleAll, take, texts } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const topology = queuesOnly('mail', 'next');

export const settling: Topic = {
  name: 'settling',
  behaviours: (it) => {
    it('an acknowledged message is gone, also when its receipt would have run out', {
      on: topology,
    }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a')]);
      expect(await ackAll(harness, await take(harness, 'mail', 1))).toEqual([{ status: 'settled' }]);
      await harness.passMs(VISIBILITY_MS + 100);
      expect(await take(harness, 'mail', 1)).toEqual([]);
    });

    it('a second settlement of the same receipt is stale', { on: topology }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a'), message('mail', 'b')]);
      const taken = await take(harness, 'mail', 2);
      await settleAll(harness, taken.slice(0, 1), { kind: 'ack' });
      await settleAll(harness, taken.slice(1), { kind: 'release', delaySeconds: 0 });
      expect(await ackAll(harness, taken)).toEqual([{ status: 'stale' }, { status: 'stale' }]);
      expect(texts(await take(harness, 'mail', 2))).toEqual(['b']);
    });

    it('the same receipt twice in one call is settled once', { on: topology }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a')]);
      const delivery = first(await take(harness, 'mail', 1));
      expect(await ackAll(harness, [delivery, delivery])).toEqual([{ status: 'settled' }, { status: 'stale' }]);
    });

    it('what a settlement publishes is there, its result is stored and its message is gone', {
      on: topology,
    }, async (harness) => {
      const { broker, results } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const delivery = first(await take(harness, 'mail', 1));
      const outcomes = await broker.settle([
        {
          delivery,
          publish: [message('next', 'child'), message('mail', 'retry')],
          result: result('a', 'SUCCESS'),
          disposition: { kind: 'ack' },
        },
      ]);
      expect(outcomes).toEqual([{ status: 'settled' }]);
      expect(await drain(harness, 'next')).toEqual(['child']);
      expect(await drain(harness, 'mail')).toEqual(['retry']);
      expect(await results.get(['a'])).toMatchObject([{ id: 'a', state: 'SUCCESS' }]);
    });

    it('a settlement whose message is refused fails as a whole and leaves the receipt as it was', {
      on: topology,
    }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const delivery = first(await take(harness, 'mail', 1));
      const [outcome] = await broker.settle([
        {
          delivery,
          publish: [message('nowhere', 'child')],
          result: result('a', 'SUCCESS'),
          disposition: { kind: 'ack' },
        },
      ]);
      expect(outcome).toMatchObject({ status: 'failed', reason: expect.stringContaining('nowhere') });
      expect(await ackAll(harness, [delivery])).toEqual([{ status: 'settled' }]);
    });

    it('a settlement that fails publishes nothing and stores nothing', {
      on: topology,
      needs: can.transactional,
      async lacks(harness) {
        // What was before the refused message is there already: it comes again with the same ids.
        expect(await halfRefused(harness)).toMatchObject({ status: 'failed' });
        expect([[], ['child']]).toContainEqual(await drain(harness, 'next'));
      },
    }, async (harness) => {
      expect(await halfRefused(harness)).toMatchObject({ status: 'failed' });
      expect(await drain(harness, 'next')).toEqual([]);
      expect(await harness.backend.results.get(['a'])).toEqual([undefined]);
    });

    it('a settlement that fails or is stale does not keep the others of its call from taking effect', {
      on: topology,
    }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
      const [a, b, c] = await take(harness, 'mail', 3);
      if (a === undefined || b === undefined || c === undefined) throw new Error('three deliveries were expected');
      await ackAll(harness, [a]);
      const disposition = { kind: 'ack' } as const;
      const outcomes = await broker.settle([
        { delivery: a, publish: [message('next', 'from stale')], disposition },
        { delivery: b, publish: [message('nowhere', 'x')], disposition },
        { delivery: c, publish: [message('next', 'from c')], disposition },
      ]);
      expect(outcomes.map(({ status }) => status)).toEqual(['stale', 'failed', 'settled']);
      expect(await drain(harness, 'next')).toContain('from c');
    });

    it('a released message comes again at once, or after its delay and not before', {
      on: topology,
    }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a')]);
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds: 0 });
      const delaySeconds = 1 + Math.ceil(harness.patienceMs / 1000);
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds });
      expect(await take(harness, 'mail', 1)).toEqual([]);
      await harness.passMs(1100);
      expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
    });

    it('settling nothing is no fault', { on: topology }, async ({ backend }) => {
      expect(await backend.broker.settle([])).toEqual([]);
      expect(await backend.broker.publish([])).toEqual([]);
      expect(await backend.broker.extend([], 5)).toEqual([]);
    });
  },
};

/** Settles a message with a child that is accepted, a result, and a child that is refused. */
async function halfRefused(harness: Harness) {
  const { broker } = harness.backend;
  await broker.publish([message('mail', 'a')]);
  const delivery = first(await take(harness, 'mail', 1));
  const publish = [message('next', 'child'), message('nowhere', 'child')];
  const [outcome] = await broker.settle([
    { delivery, publish, result: result('a', 'SUCCESS'), disposition: { kind: 'ack' } },
  ]);
  return outcome;
}
