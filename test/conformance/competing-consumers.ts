import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can } from './conditions.ts';
import { ackAll, message, take, takeFrom, texts } from './deliveries.ts';
import { queuesOnly } from './topologies.ts';

const mail = queuesOnly('mail');

export const competingConsumers: Topic = {
  name: 'competing consumers',
  behaviours: (it) => {
    it('several receive calls at once share the messages: each goes to one of them', { on: mail }, async (harness) => {
      const sent = Array.from({ length: 40 }, (_, index) => `m${index}`);
      await harness.backend.broker.publish(sent.map((text) => message('mail', text)));
      const seen: string[] = [];
      const consumer = async (): Promise<void> => {
        for (let some = await take(harness, 'mail', 3); some.length > 0; some = await take(harness, 'mail', 3)) {
          seen.push(...texts(some));
          await ackAll(harness, some);
        }
      };
      await Promise.all([consumer(), consumer(), consumer(), consumer()]);
      expect(seen.toSorted()).toEqual(sent.toSorted());
    });

    it('a call that waits is answered when a message comes', { on: mail }, async (harness) => {
      const received = harness.backend.broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
      await harness.backend.broker.publish([message('mail', 'a')]);
      expect(texts(await received)).toEqual(['a']);
    });

    it('several calls that wait each get one of several messages', { on: mail }, async (harness) => {
      const { broker } = harness.backend;
      const calls = ['a', 'b', 'c'].map(() => broker.receive('mail', { maxMessages: 1, waitMs: 20_000 }));
      await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
      expect((await Promise.all(calls)).flatMap(texts).toSorted()).toEqual(['a', 'b', 'c']);
    });

    it('a call that waits in vain answers with nothing when its time is over', { on: mail }, async (harness) => {
      const received = harness.backend.broker.receive('mail', { maxMessages: 1, waitMs: 300 });
      await harness.passMs(350);
      expect(await received).toEqual([]);
    });

    it('a call that waits ends when its signal aborts, and takes nothing after that', { on: mail }, async (harness) => {
      const { broker } = harness.backend;
      const stop = new AbortController();
      const received = broker.receive('mail', { maxMessages: 1, waitMs: 20_000, signal: stop.signal });
      stop.abort();
      expect(await received).toEqual([]);
      await broker.publish([message('mail', 'a')]);
      expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
    });

    it('what one process publishes another receives', {
      on: mail,
      needs: can.shared,
      async lacks({ second }) {
        expect(second).toBeUndefined();
      },
    }, async (harness) => {
      const { broker } = harness.backend;
      const other = await harness.second?.();
      if (other === undefined) throw new Error('a shared broker needs a second backend in its harness');
      await other.broker.declare(mail);
      await broker.publish([message('mail', 'a'), message('mail', 'b')]);
      const theirs = await takeFrom(other.broker, harness, { queue: 'mail', count: 1 });
      const ours = await take(harness, 'mail', 2);
      expect([...texts(theirs), ...texts(ours)].toSorted()).toEqual(['a', 'b']);
      await other.broker.close();
    });
  },
};
