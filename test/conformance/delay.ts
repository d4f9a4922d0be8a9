import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { both, can, canCancelLong } from './conditions.ts';
import { drain, message, take, texts } from './deliveries.ts';
import { exchanges, orderedQueues, queuesOnly } from './topologies.ts';

const COMES = 'a delayed message comes when it is due and not before';
const on = queuesOnly('mail', 'audit');
const delayed = { on, needs: can.maxDelaySeconds, lacks: { shownBy: COMES } } as const;

export const delay: Topic = {
  name: 'delay',
  behaviours(it) {
    it(COMES, {
      on,
      needs: can.maxDelaySeconds,
      async lacks({ backend, now }) {
        const outcomes = await backend.broker.publish([message('mail', 'a', { dueAtMs: now() + 2000 })]);
        expect(outcomes).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      const dueAtMs = harness.now() + 2000;
      await broker.publish([message('mail', 'a', { dueAtMs })]);
      if (broker.capabilities.exactCounts) {
        expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, delayed: 1 }]);
        expect(await take(harness, 'mail', 1)).toEqual([]);
        await harness.passMs(1000);
        expect(await take(harness, 'mail', 1)).toEqual([]);
      }
      await harness.passMs(1000);
      let taken = await take(harness, 'mail', 1);
      if (taken.length > 0) expect(harness.now()).toBeGreaterThanOrEqual(dueAtMs);
      for (let waits = 0; taken.length === 0 && waits < 10; waits++) {
        await harness.passMs(1000);
        taken = await take(harness, 'mail', 1);
      }
      expect(texts(taken)).toEqual(['a']);
    });

    it('a call that waits gets a delayed message when it is due', delayed, async (harness) => {
      const received = harness.backend.broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
      await harness.backend.broker.publish([message('mail', 'a', { dueAtMs: harness.now() + 1000 })]);
      await harness.passMs(2000);
      expect(texts(await received)).toEqual(['a']);
    });

    it('a due time in the past is no delay', delayed, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a', { dueAtMs: harness.now() - 1000 })]);
      expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
    });

    it('delayed messages arrive in the order of their due times and take their place in their group then', {
      on: orderedQueues('mail'),
      needs: both(can.maxDelaySeconds, can.messageGroups),
      lacks: { shownBy: COMES },
    }, async (harness) => {
      const { broker } = harness.backend;
      const inGroup = (text: string, fields: object = {}) => message('mail', text, { messageGroup: 'A', ...fields });
      const at = (text: string, inMs: number) => inGroup(text, { dueAtMs: harness.now() + inMs });
      await broker.publish([at('third', 4000), at('second', 2000), inGroup('first')]);
      await broker.publish([inGroup('between')]);
      await harness.passMs(6000);
      expect(await drain(harness, 'mail')).toEqual(['first', 'between', 'second', 'third']);
    });

    it('a delayed message through an exchange is refused, because routing precedes delay', {
      on: exchanges,
    }, async (harness) => {
      const fields = { exchange: 'tests.fanout', routingKey: '', dueAtMs: harness.now() + 5000 };
      const outcomes = await harness.backend.broker.publish([message('', 'a', fields)]);
      expect(outcomes).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
    });

    it('a delay longer than the broker has is refused, one as long as it has is accepted', delayed, async (harness) => {
      const { maxDelaySeconds } = harness.backend.broker.capabilities;
      const outcomes = await harness.backend.broker.publish([
        message('mail', 'a', { dueAtMs: harness.now() + maxDelaySeconds * 1000 - 1000 }),
        message('mail', 'b', { dueAtMs: harness.now() + maxDelaySeconds * 1000 + 60_000 }),
      ]);
      expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'refused', code: 'not-supported' }]);
    });

    it('every delayed message can be cancelled by its task id until it is due', {
      on,
      needs: both(can.maxDelaySeconds, can.uncancellableDelaySeconds),
      async lacks(harness) {
        const { broker, admin } = harness.backend;
        await broker.publish([message('mail', 'short', { dueAtMs: harness.now() + 1000 })]);
        expect(await admin.cancelDelayed('short')).toBeUndefined();
        await harness.passMs(2500);
        expect(await drain(harness, 'mail')).toEqual(broker.capabilities.maxDelaySeconds > 0 ? ['short'] : []);
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      const dueAtMs = harness.now() + 2000;
      await broker.publish([message('mail', 'a', { dueAtMs }), message('mail', 'b', { dueAtMs })]);
      expect(await admin.cancelDelayed('a')).toMatchObject({
        ...{ queue: 'mail', place: 'delayed', dueAtMs },
        message: { correlationId: 'a', body: expect.any(String) },
      });
      expect(await admin.cancelDelayed('a')).toBeUndefined();
      expect(await admin.cancelDelayed('unknown')).toBeUndefined();
      await harness.passMs(3000);
      expect(await admin.cancelDelayed('b')).toBeUndefined();
      expect(await drain(harness, 'mail')).toEqual(['b']);
    });

    it('a long delay can be cancelled, also where a short one cannot', {
      on: orderedQueues('mail'),
      needs: canCancelLong,
      async lacks({ backend, now }) {
        await backend.broker.publish([message('mail', 'long', { dueAtMs: now() + 600_000 })]);
        expect(await backend.admin.cancelDelayed('long')).toBeUndefined();
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      const dueAtMs = harness.now() + (broker.capabilities.uncancellableDelaySeconds + 60) * 1000;
      await broker.publish([message('mail', 'long', { dueAtMs, messageGroup: 'A' })]);
      expect(await admin.cancelDelayed('long')).toMatchObject({
        ...{ queue: 'mail', place: 'delayed', dueAtMs, messageGroup: 'A' },
        message: { correlationId: 'long', headers: { task: 'tests.tasks.note' } },
      });
      expect(await admin.cancelDelayed('long')).toBeUndefined();
    });
  },
};
