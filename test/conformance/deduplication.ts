import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { both, can } from './conditions.ts';
import { ackAll, copiesArrive, drain, groupOf, message, take, ungrouped } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { exchanges, orderedQueues, queuesOnly } from './topologies.ts';

const DROPPED = 'a second message with the same id in the same queue is dropped, also after the first was settled';
const on = queuesOnly('mail', 'audit');
const lacks = { shownBy: DROPPED } as const;
const same = (text: string, fields: object = {}) => message('mail', text, { deduplicationId: 'd', ...fields });

export const deduplication: Topic = {
  name: 'deduplication',
  behaviours(it) {
    it(DROPPED, {
      on,
      needs: can.deduplicationSeconds,
      async lacks(harness) {
        const outcomes = await harness.backend.broker.publish([same('first'), same('second')]);
        expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'accepted' }]);
        expect((await drain(harness, 'mail')).toSorted()).toEqual(['first', 'second']);
      },
    }, async (harness) => {
      const { broker } = harness.backend;
      expect(await broker.publish([same('first')])).toEqual([{ status: 'accepted', queues: ['mail'] }]);
      const [second] = await broker.publish([same('second')]);
      expect(second?.status).toMatch(/duplicate|accepted/);
      await ackAll(harness, await take(harness, 'mail', 1));
      await broker.publish([same('third')]);
      expect(await drain(harness, 'mail')).toEqual([]);
    });

    it('twice in one call counts as twice, another queue or another id does not', {
      on,
      needs: can.deduplicationSeconds,
      lacks,
    }, async (harness) => {
      await harness.backend.broker.publish([
        same('a'),
        same('again'),
        message('audit', 'b', { deduplicationId: 'd' }),
        message('mail', 'c', { deduplicationId: 'e' }),
      ]);
      expect(ungrouped(harness, await drain(harness, 'mail'))).toEqual(['a', 'c']);
      expect(await drain(harness, 'audit')).toEqual(['b']);
    });

    it('an id is remembered in its queue, not in its message group only', {
      on: orderedQueues('mail'),
      needs: both(can.deduplicationSeconds, can.deduplicationScope),
      async lacks(harness) {
        const { deduplicationSeconds } = harness.backend.broker.capabilities;
        const wanted = deduplicationSeconds > 0 ? ['first', 'other group'] : ['first', 'other group', 'same group'];
        expect((await sentInGroups(harness)).toSorted()).toEqual(wanted);
      },
    }, async (harness) => {
      expect(await sentInGroups(harness)).toEqual(['first']);
    });

    it('each queue of an exchange remembers for itself', {
      on: exchanges,
      needs: can.deduplicationSeconds,
      lacks,
      gap: {
        name: 'copies-not-deduplicated',
        async shows(harness) {
          expect(await sentAroundExchange(harness)).toEqual({ mail: ['direct', 'all'], audit: ['all'] });
        },
      },
    }, async (harness) => {
      expect(await sentAroundExchange(harness)).toEqual({ mail: ['direct'], audit: ['all'] });
    });

    it('an id is forgotten after the window', {
      on,
      needs: can.deduplicationSeconds,
      lacks,
      minutes: true,
    }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([same('first')]);
      await harness.passMs((broker.capabilities.deduplicationSeconds - 5) * 1000);
      await broker.publish([same('too early')]);
      await harness.passMs(7000);
      await broker.publish([same('late')]);
      expect(await drain(harness, 'mail')).toEqual(['first', 'late']);
    });
  },
};

/** What arrives of one id sent twice in one group and once in another. */
async function sentInGroups(harness: Harness): Promise<readonly string[]> {
  const { broker } = harness.backend;
  await broker.publish([same('first', groupOf(harness, 'A'))]);
  await broker.publish([same('same group', groupOf(harness, 'A'))]);
  await broker.publish([same('other group', groupOf(harness, 'B'))]);
  return await drain(harness, 'mail');
}

/** What arrives of one id sent to a queue and then twice through an exchange that leads there too. */
async function sentAroundExchange(harness: Harness) {
  const { broker } = harness.backend;
  await broker.publish([same('direct')]);
  const fields = { exchange: 'tests.fanout', routingKey: '', deduplicationId: 'd' };
  await broker.publish([message('', 'all', fields), message('', 'all again', fields)]);
  await copiesArrive(harness);
  return { mail: await drain(harness, 'mail'), audit: await drain(harness, 'audit') };
}
