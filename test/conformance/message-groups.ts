import { expect } from '@jest/globals';
import type { Conditions, Topic } from './behaviour.ts';
import { both, can, groupsEverywhere } from './conditions.ts';
import { ackAll, drain, first, groupOf, message, settleAll, take, takeSingly, texts } from './deliveries.ts';
import { orderedQueues, queuesOnly, VISIBILITY_MS } from './topologies.ts';

const FIRST = 'one message of a group is out at a time, and other groups are not kept waiting';
const on = orderedQueues('mail', 'audit');
const grouped: Conditions = { on, needs: can.messageGroups, lacks: { shownBy: FIRST } };
const inGroup = (...texts: readonly string[]) => texts.map((text) => message('mail', text, { messageGroup: 'A' }));

export const messageGroups: Topic = {
  name: 'message groups',
  behaviours(it) {
    it(FIRST, {
      on,
      needs: can.messageGroups,
      async lacks({ backend }) {
        const outcomes = await backend.broker.publish(inGroup('a'));
        expect(outcomes).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
      },
    }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([
        ...inGroup('a1', 'a2'),
        message('mail', 'b1', { messageGroup: 'B' }),
        message('mail', 'free'),
      ]);
      const taken = broker.capabilities.severalOfGroup
        ? await takeSingly(harness, 'mail', 3)
        : await take(harness, 'mail', 3);
      const one = taken.find(({ messageGroup }) => messageGroup === 'A');
      expect(one).toMatchObject({ message: { correlationId: 'a1' } });
      expect(texts(taken).toSorted()).toEqual(['a1', 'b1', 'free']);
      await broker.extend(taken, 60); // what follows takes longer, where each look waits
      if (broker.capabilities.orderedWithoutGroup) expect(taken[0]).toBe(one);
      expect(await take(harness, 'mail', 1)).toEqual([]);
      await ackAll(harness, [first(one === undefined ? [] : [one])]);
      expect(texts(await take(harness, 'mail', 5))).toEqual(['a2']);
    });

    it('every queue keeps groups, not only those that are declared so', {
      on: queuesOnly('mail'),
      needs: groupsEverywhere,
      async lacks({ backend }) {
        const outcomes = await backend.broker.publish(inGroup('a'));
        expect(outcomes).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
      },
    }, async (harness) => {
      await harness.backend.broker.publish(inGroup('a1', 'a2', 'a3'));
      expect(await drain(harness, 'mail')).toEqual(['a1', 'a2', 'a3']);
    });

    it('one answer may hold several messages of a group, in order; the rest of the group waits for them', {
      on,
      needs: both(can.messageGroups, can.severalOfGroup),
      async lacks(harness) {
        const { broker } = harness.backend;
        const outcomes = await broker.publish(inGroup('a1', 'a2'));
        if (broker.capabilities.messageGroups === 'none') {
          expect(outcomes).toMatchObject([{ code: 'not-supported' }, { code: 'not-supported' }]);
          return;
        }
        expect(texts(await take(harness, 'mail', 10))).toEqual(['a1']);
      },
    }, async (harness) => {
      const { broker } = harness.backend;
      const sent = Array.from({ length: 12 }, (_, index) => `a${index}`);
      await broker.publish(inGroup(...sent));
      const answer = await broker.receive('mail', { maxMessages: 10, waitMs: harness.patienceMs });
      expect(texts(answer)).toEqual(sent.slice(0, answer.length));
      expect(await take(harness, 'mail', 1)).toEqual([]);
      await ackAll(harness, answer);
      expect(await drain(harness, 'mail')).toEqual(sent.slice(answer.length));
    });

    it('a group is a matter of one queue', grouped, async (harness) => {
      await harness.backend.broker.publish([...inGroup('a'), message('audit', 'b', { messageGroup: 'A' })]);
      expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
      expect(texts(await take(harness, 'audit', 1))).toEqual(['b']);
    });

    it('a released message is the next of its group again', {
      on,
      needs: both(can.messageGroups, can.orderKeptAfterRelease),
      async lacks(harness) {
        const { broker } = harness.backend;
        await broker.publish(['a1', 'a2'].map((text) => message('mail', text, groupOf(harness, 'A'))));
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds: 0 });
        expect((await drain(harness, 'mail')).toSorted()).toEqual(['a1', 'a2']);
      },
    }, async (harness) => {
      await harness.backend.broker.publish(inGroup('a1', 'a2', 'a3'));
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds: 0 });
      expect(await drain(harness, 'mail')).toEqual(['a1', 'a2', 'a3']);
    });

    it('a message released with a delay holds its group back for as long', {
      on,
      needs: both(can.messageGroups, can.orderKeptAfterRelease),
      lacks: { shownBy: 'a released message is the next of its group again' },
    }, async (harness) => {
      await harness.backend.broker.publish(inGroup('a1', 'a2'));
      const delaySeconds = 1 + Math.ceil(harness.patienceMs / 1000);
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds });
      expect(await take(harness, 'mail', 1)).toEqual([]);
      await harness.passMs(1100);
      expect(await drain(harness, 'mail')).toEqual(['a1', 'a2']);
    });

    it('a message whose receipt ran out comes before the rest of its group', {
      on,
      needs: both(can.messageGroups, can.extend),
      lacks: { shownBy: 'a message that was not settled in time comes again, counted' },
    }, async (harness) => {
      await harness.backend.broker.publish(inGroup('a1', 'a2'));
      await take(harness, 'mail', 1);
      await harness.passMs(VISIBILITY_MS + 100);
      expect(await drain(harness, 'mail')).toEqual(['a1', 'a2']);
    });

    it('a dead message lets its group go on', grouped, async (harness) => {
      await harness.backend.broker.publish(inGroup('a1', 'a2'));
      await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'poison' });
      expect(await drain(harness, 'mail')).toEqual(['a2']);
    });

    it('groups side by side, taken and settled in any mixture, each keep their order', grouped, async (harness) => {
      const sent = Array.from({ length: 60 }, (_, index) => ({ group: `g${index % 7}`, text: `m${index}` }));
      await harness.backend.broker.publish(
        sent.map(({ group, text }) => message('mail', text, { messageGroup: group })),
      );
      const seen: { readonly group: string | undefined; readonly text: string }[] = [];
      for (let some = await take(harness, 'mail', 4); some.length > 0; some = await take(harness, 'mail', 4)) {
        seen.push(...some.map((one) => ({ group: one.messageGroup, text: one.message.correlationId })));
        await ackAll(harness, some.toReversed());
      }
      expect(seen).toHaveLength(60);
      for (const { group } of sent.slice(0, 7))
        expect(seen.filter((one) => one.group === group)).toEqual(sent.filter((one) => one.group === group));
    });
  },
};
