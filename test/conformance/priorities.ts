import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can, prioritiesEverywhere } from './conditions.ts';
import { message, take, texts } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly, queuesWith } from './topologies.ts';

const prioritized = queuesWith({ maxPriority: 9 }, 'mail');

export const priorities: Topic = {
  name: 'priority',
  behaviours(it) {
    it('what has a higher priority comes first, equal ones in the order of their publishing', {
      on: prioritized,
      needs: can.priority,
      lacks: refused,
    }, async (harness) => {
      const sent = ['a0', 'b5', 'c9', 'd5', 'e0'].map((text) => message('mail', text, { priority: Number(text[1]) }));
      await harness.backend.broker.publish(sent);
      expect(texts(await take(harness, 'mail', 5))).toEqual(['c9', 'b5', 'd5', 'a0', 'e0']);
    });

    it('a delivery says the priority that its message was sent with', {
      on: prioritized,
      needs: can.priority,
      lacks: { shownBy: 'a priority of 0 is none' },
    }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a', { priority: 7 })]);
      expect(await take(harness, 'mail', 1)).toMatchObject([{ priority: 7 }]);
    });

    it('every queue has priorities, not only those that are declared so', {
      on: queuesOnly('mail'),
      needs: prioritiesEverywhere,
      lacks: refused,
    }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'low'), message('mail', 'high', { priority: 9 })]);
      expect(texts(await take(harness, 'mail', 2))).toEqual(['high', 'low']);
    });

    it('a priority of 0 is none', { on: queuesOnly('mail') }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a', { priority: 0 })]);
      const [delivery] = await take(harness, 'mail', 1);
      expect(delivery?.priority ?? 0).toBe(0);
      expect(delivery?.message.correlationId).toBe('a');
    });
  },
};

async function refused(harness: Harness): Promise<void> {
  const outcomes = await harness.backend.broker.publish([
    message('mail', 'low'),
    message('mail', 'high', { priority: 9 }),
  ]);
  expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'refused', code: 'not-supported' }]);
  expect(texts(await take(harness, 'mail', 2))).toEqual(['low']);
}
