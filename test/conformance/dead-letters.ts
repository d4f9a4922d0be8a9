import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { groupOf, message, settleAll, take } from './deliveries.ts';
import { orderedQueues } from './topologies.ts';

const on = orderedQueues('mail');

export const deadLetters: Topic = {
  name: 'dead letters',
  behaviours(it) {
    it('a dead message leaves its queue and is kept with its reason and its time', { on }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish([message('mail', 'a', groupOf(harness, 'A'))]);
      const before = harness.now();
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'bad arguments' });
      expect(await take(harness, 'mail', 1)).toEqual([]);
      const [dead] = await admin.peek('mail', { place: 'dead', limit: 10 });
      expect(dead).toMatchObject({
        queue: 'mail',
        place: 'dead',
        reason: 'bad arguments',
        ...groupOf(harness, 'A'),
        message: { correlationId: 'a', headers: { task: 'tests.tasks.note' } },
      });
      expect(dead?.diedAtMs).toBeGreaterThanOrEqual(before);
    });

    it('a redrive sends the oldest dead messages back as new attempts', { on }, async (harness) => {
      const { broker, admin } = harness.backend;
      const group = broker.capabilities.orderedWithoutGroup ? {} : groupOf(harness, 'A');
      await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text, { deduplicationId: text, ...group })));
      for (let left = 3; left > 0; left--)
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'poison' });
      expect(await admin.redrive('mail', { limit: 2 })).toBe(2);
      expect(await admin.counts(['mail'])).toMatchObject([{ ready: 2, dead: 1 }]);
      const taken = await take(harness, 'mail', 2);
      expect(taken.map(({ message: { correlationId, headers } }) => [correlationId, headers])).toMatchObject([
        ['a', { 'x-cellar-generation': 1, task: 'tests.tasks.note' }],
        ['b', { 'x-cellar-generation': 1 }],
      ]);
      expect(taken.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1]);
      await settleAll(harness, taken, { kind: 'dead', reason: 'poison again' });
      expect(await admin.redrive('mail')).toBe(3);
      const generations = (await take(harness, 'mail', 3)).map((one) => one.message.headers['x-cellar-generation']);
      expect(generations).toEqual([1, 2, 2]);
      expect(await admin.redrive('mail')).toBe(0);
    });
  },
};
