import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { ackAll, drain, many, message, take, texts, ungrouped } from './deliveries.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');

export const batches: Topic = {
  name: 'batches',
  behaviours: (it) => {
    it('outcomes stand in the order of the messages, and what is refused does not keep the rest from being accepted', {
      on: topology,
    }, async (harness) => {
      const { broker } = harness.backend;
      const sent = Array.from({ length: many(harness, 300) }, (_, index) =>
        message(index % 3 === 0 ? 'nowhere' : 'mail', `m${index}`),
      );
      const outcomes = await broker.publish(sent);
      const wanted = sent.map(({ routingKey }) => (routingKey === 'mail' ? 'accepted' : 'refused'));
      expect(outcomes.map(({ status }) => status)).toEqual(wanted);
      const accepted = sent.filter(({ routingKey }) => routingKey === 'mail').map((one) => one.correlationId);
      expect(ungrouped(harness, await drain(harness, 'mail'))).toEqual(ungrouped(harness, accepted));
    });

    it('a large settlement is answered in the order of its deliveries', { on: topology }, async (harness) => {
      const sent = Array.from({ length: many(harness, 300) }, (_, index) => `m${index}`);
      await harness.backend.broker.publish(sent.map((text) => message('mail', text)));
      const taken = await take(harness, 'mail', sent.length);
      expect(taken).toHaveLength(sent.length);
      const everyOther = taken.filter((_, index) => index % 2 === 0);
      await ackAll(harness, everyOther);
      const outcomes = await ackAll(harness, taken);
      expect(outcomes.map(({ status }) => status)).toEqual(
        taken.map((_, index) => (index % 2 === 0 ? 'stale' : 'settled')),
      );
    });

    it('concurrent calls of all kinds lose and double nothing', { on: topology }, async (harness) => {
      const { broker } = harness.backend;
      const sent = Array.from({ length: many(harness, 200) }, (_, index) => `m${index}`);
      const seen: string[] = [];
      const publishing = Promise.all(sent.map((text) => broker.publish([message('mail', text)])));
      const consumer = async (): Promise<void> => {
        for (let some = await take(harness, 'mail', 7); some.length > 0; some = await take(harness, 'mail', 7)) {
          seen.push(...texts(some));
          await ackAll(harness, some);
        }
      };
      await Promise.all([publishing, consumer(), consumer()]);
      await consumer();
      expect(seen.toSorted()).toEqual(sent.toSorted());
    });
  },
};
