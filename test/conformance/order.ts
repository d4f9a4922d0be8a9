import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can } from './conditions.ts';
import { drain, many, message, take, texts } from './deliveries.ts';
import { orderedQueues, queuesOnly } from './topologies.ts';

const mail = queuesOnly('mail');
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `m${index}`);

export const order: Topic = {
  name: 'order',
  behaviours(it) {
    it('messages without a group come in the order in which they were published', {
      on: mail,
      needs: can.orderedWithoutGroup,
      async lacks(harness) {
        await harness.backend.broker.publish(numbered(20).map((text) => message('mail', text)));
        expect(texts(await take(harness, 'mail', 20)).toSorted()).toEqual(numbered(20).toSorted());
      },
    }, async (harness) => {
      await harness.backend.broker.publish(numbered(20).map((text) => message('mail', text)));
      expect(texts(await take(harness, 'mail', 20))).toEqual(numbered(20));
    });

    it('messages of one group and one call keep their order when the call is large', {
      on: orderedQueues('mail'),
      needs: can.messageGroups,
      lacks: { shownBy: 'one message of a group is out at a time, and other groups are not kept waiting' },
    }, async (harness) => {
      const sent = numbered(many(harness, 1000));
      await harness.backend.broker.publish(sent.map((text) => message('mail', text, { messageGroup: 'one' })));
      expect(await drain(harness, 'mail')).toEqual(sent);
    });

    it('at most as many as asked for are delivered', { on: mail }, async (harness) => {
      await harness.backend.broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
      const some = await harness.backend.broker.receive('mail', { maxMessages: 2, waitMs: harness.patienceMs });
      expect(some.length).toBeGreaterThan(0);
      expect(some.length).toBeLessThanOrEqual(2);
    });
  },
};
