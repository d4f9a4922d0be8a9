import { describe, expect } from '@jest/globals';
import {
  ackAll,
  drain,
  first,
  itOn,
  many,
  message,
  type OpenHarness,
  on,
  settleAll,
  take,
  takeSingly,
  texts,
  ungrouped,
} from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const mail = queuesOnly('mail', 'audit');

export function orderAndGroups(open: OpenHarness): void {
  const it = itOn(open);
  describe('order', () => {
    it(
      'messages without a group come in the order in which they were published where the broker promises one, and do not wait for each other',
      on(open, mail, async (harness) => {
        const sent = Array.from({ length: 20 }, (_, index) => `m${index}`);
        await harness.backend.broker.publish(sent.map((text) => message('mail', text)));
        const taken = texts(await take(harness, 'mail', 20));
        expect(ungrouped(harness, taken)).toEqual(ungrouped(harness, sent));
      }),
    );

    it(
      'messages of one call keep their order when the call is large',
      on(open, mail, async (harness) => {
        const sent = Array.from({ length: many(harness, 1000) }, (_, index) => `m${index}`);
        await harness.backend.broker.publish(sent.map((text) => message('mail', text, { messageGroup: 'one' })));
        expect(await drain(harness, 'mail')).toEqual(sent);
      }),
    );

    it(
      'at most as many as asked for are delivered',
      on(open, mail, async (harness) => {
        await harness.backend.broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
        const some = await harness.backend.broker.receive('mail', { maxMessages: 2, waitMs: harness.patienceMs });
        expect(some.length).toBeGreaterThan(0);
        expect(some.length).toBeLessThanOrEqual(2);
      }),
    );
  });

  describe('message groups', () => {
    it(
      'one message of a group is out at a time, and other groups are not kept waiting',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') {
          const [outcome] = await broker.publish([message('mail', 'a', { messageGroup: 'A' })]);
          expect(outcome).toMatchObject({ status: 'refused', code: 'not-supported' });
          return;
        }
        await broker.publish([
          message('mail', 'a1', { messageGroup: 'A' }),
          message('mail', 'a2', { messageGroup: 'A' }),
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
      }),
    );

    it(
      'one answer holds one message of a group, or several in order; the rest of the group waits for them',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') return;
        const sent = Array.from({ length: 12 }, (_, index) => `a${index}`);
        await broker.publish(sent.map((text) => message('mail', text, { messageGroup: 'A' })));
        const answer = await broker.receive('mail', { maxMessages: 10, waitMs: harness.patienceMs });
        if (!broker.capabilities.severalOfGroup) expect(answer).toHaveLength(1);
        expect(texts(answer)).toEqual(sent.slice(0, answer.length));
        expect(await take(harness, 'mail', 1)).toEqual([]);
        await ackAll(harness, answer);
        expect(await drain(harness, 'mail')).toEqual(sent.slice(answer.length));
      }),
    );

    it(
      'a group is a matter of one queue',
      on(open, mail, async (harness) => {
        if (harness.backend.broker.capabilities.messageGroups === 'none') return;
        await harness.backend.broker.publish([
          message('mail', 'a', { messageGroup: 'A' }),
          message('audit', 'b', { messageGroup: 'A' }),
        ]);
        expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
        expect(texts(await take(harness, 'audit', 1))).toEqual(['b']);
      }),
    );

    it(
      'a released message is the next of its group again',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') return;
        await broker.publish(['a1', 'a2', 'a3'].map((text) => message('mail', text, { messageGroup: 'A' })));
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds: 0 });
        const seen = await drain(harness, 'mail');
        if (broker.capabilities.orderKeptAfterRelease) expect(seen).toEqual(['a1', 'a2', 'a3']);
        else expect(seen.toSorted()).toEqual(['a1', 'a2', 'a3']);
      }),
    );

    it(
      'a message released with a delay holds its group back for as long',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none' || !broker.capabilities.orderKeptAfterRelease) return;
        await broker.publish(['a1', 'a2'].map((text) => message('mail', text, { messageGroup: 'A' })));
        const delaySeconds = 1 + Math.ceil(harness.patienceMs / 1000);
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'release', delaySeconds });
        expect(await take(harness, 'mail', 1)).toEqual([]);
        await harness.passMs(1100);
        expect(await drain(harness, 'mail')).toEqual(['a1', 'a2']);
      }),
    );

    it(
      'a message whose receipt ran out comes before the rest of its group',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none' || !broker.capabilities.extend) return;
        await broker.publish(['a1', 'a2'].map((text) => message('mail', text, { messageGroup: 'A' })));
        await take(harness, 'mail', 1);
        await harness.passMs(VISIBILITY_MS + 100);
        expect(await drain(harness, 'mail')).toEqual(['a1', 'a2']);
      }),
    );

    it(
      'a dead message lets its group go on',
      on(open, mail, async (harness) => {
        if (harness.backend.broker.capabilities.messageGroups === 'none') return;
        await harness.backend.broker.publish(['a1', 'a2'].map((text) => message('mail', text, { messageGroup: 'A' })));
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'poison' });
        expect(await drain(harness, 'mail')).toEqual(['a2']);
      }),
    );

    it(
      'groups side by side, taken and settled in any mixture, each keep their order',
      on(open, mail, async (harness) => {
        if (harness.backend.broker.capabilities.messageGroups === 'none') return;
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
      }),
    );
  });
}
