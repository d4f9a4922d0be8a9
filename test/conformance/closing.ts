import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can } from './conditions.ts';
import { many, message, takeFrom, texts } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const topology = queuesOnly('mail');

export const closing: Topic = {
  name: 'closing',
  behaviours: (it) => {
    it('a closed broker ends waits with nothing and refuses every further call', { on: topology }, async ({
      backend: { broker, admin },
    }) => {
      const waiting = broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
      await broker.close();
      expect(await waiting).toEqual([]);
      const calls = [
        () => broker.publish([message('mail', 'a')]),
        () => broker.receive('mail', { maxMessages: 1, waitMs: 0 }),
        () => broker.settle([]),
        () => broker.extend([], 1),
        () => broker.declare(topology),
        () => admin.counts(['mail']),
      ];
      for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'closed' });
      await broker.close();
    });

    it('what was under way when the broker was closed is finished', { on: topology }, async (harness) => {
      const { broker } = harness.backend;
      const sent = Array.from({ length: many(harness, 500) }, (_, index) => `m${index}`);
      const publishing = broker.publish(sent.map((text) => message('mail', text)));
      await broker.close();
      expect((await publishing).map(({ status }) => status)).toEqual(sent.map(() => 'accepted'));
    });

    it('accepted messages outlive the broker, and those not settled come again', {
      on: topology,
      needs: can.durable,
      async lacks(harness) {
        expect(await foundAgain(harness)).toEqual([]);
      },
    }, async (harness) => {
      expect(await foundAgain(harness)).toEqual(['a', 'b', 'c']);
    });
  },
};

/** What another client finds of three messages of which one was taken before the first client closed. */
async function foundAgain(harness: Harness): Promise<readonly string[]> {
  const { broker } = harness.backend;
  await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
  const [held] = await takeFrom(broker, harness, { queue: 'mail', count: 1 });
  expect(['a', 'b', 'c']).toContain(held?.message.correlationId);
  const reopened = await harness.reopen();
  await reopened.broker.declare(topology);
  if (broker.capabilities.extend) await harness.passMs(VISIBILITY_MS + 500);
  const found = await takeFrom(reopened.broker, harness, { queue: 'mail', count: 5 });
  await reopened.broker.close();
  return texts(found).toSorted();
}
