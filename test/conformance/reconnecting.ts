import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { hasConnections } from './conditions.ts';
import { ackAll, message, take, texts } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const on = queuesOnly('mail');
const connected = {
  on,
  needs: hasConnections,
  async lacks({ disrupt }: Harness) {
    expect(disrupt).toBeUndefined();
  },
};

export const reconnecting: Topic = {
  name: 'reconnecting',
  behaviours(it) {
    it('what is published while connections are cut is there once or more, never lost', connected, async (harness) => {
      const { broker } = harness.backend;
      const sent = Array.from({ length: 60 }, (_, index) => `m${index}`);
      const publishing = sent.map((text) => broker.publish([message('mail', text)]));
      await harness.disrupt?.();
      for (const outcomes of await Promise.all(publishing)) expect(outcomes).toMatchObject([{ status: 'accepted' }]);
      const seen = new Set<string>();
      for (let some = await take(harness, 'mail', 10); some.length > 0; some = await take(harness, 'mail', 10)) {
        for (const text of texts(some)) seen.add(text);
        await ackAll(harness, some);
      }
      expect([...seen].toSorted()).toEqual(sent.toSorted());
    });

    it('a call that waits goes on waiting over a cut', connected, async (harness) => {
      const { broker } = harness.backend;
      const received = broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
      await harness.disrupt?.();
      await broker.publish([message('mail', 'a')]);
      expect(texts(await received)).toEqual(['a']);
    });

    it('what was out when connections were cut is settled, or comes again', connected, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const taken = await take(harness, 'mail', 1);
      expect(texts(taken)).toEqual(['a']);
      await harness.disrupt?.();
      const [outcome] = await ackAll(harness, taken);
      if (broker.capabilities.extend) await harness.passMs(VISIBILITY_MS + 500);
      const again = texts(await take(harness, 'mail', 1));
      expect(again).toEqual(outcome?.status === 'settled' ? [] : ['a']);
    });
  },
};
