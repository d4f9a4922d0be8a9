import { describe, expect } from '@jest/globals';
import { ackAll, copiesArrive, drain, itOn, message, type OpenHarness, on, take, texts, ungrouped } from './harness.ts';
import { exchanges, queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail', 'audit');

export function deduplication(open: OpenHarness): void {
  const it = itOn(open);
  describe('deduplication', () => {
    it(
      'a second message with the same id in the same queue is accepted and dropped, also after the first was settled',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const send = async (text: string) =>
          (await broker.publish([message('mail', text, { deduplicationId: 'd' })]))[0];
        expect(await send('first')).toEqual({ status: 'accepted', queues: ['mail'] });
        const second = await send('second');
        if (broker.capabilities.deduplicationSeconds === 0) {
          expect(second).toMatchObject({ status: 'accepted' });
          expect(await drain(harness, 'mail')).toEqual(['first', 'second']);
          return;
        }
        expect(second?.status).toMatch(/duplicate|accepted/);
        await ackAll(harness, await take(harness, 'mail', 1));
        await send('third');
        expect(await drain(harness, 'mail')).toEqual([]);
      }),
    );

    it(
      'twice in one call counts as twice, another queue or another id does not',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.deduplicationSeconds === 0) return;
        await broker.publish([
          message('mail', 'a', { deduplicationId: 'd' }),
          message('mail', 'again', { deduplicationId: 'd' }),
          message('audit', 'b', { deduplicationId: 'd' }),
          message('mail', 'c', { deduplicationId: 'e' }),
        ]);
        expect(ungrouped(harness, await drain(harness, 'mail'))).toEqual(['a', 'c']);
        expect(await drain(harness, 'audit')).toEqual(['b']);
      }),
    );

    it(
      'an id is remembered in its queue, or in its message group only',
      on(open, topology, async (harness) => {
        const { deduplicationSeconds, deduplicationScope } = harness.backend.broker.capabilities;
        if (deduplicationSeconds === 0) return;
        const send = (text: string, messageGroup: string) =>
          harness.backend.broker.publish([message('mail', text, { deduplicationId: 'd', messageGroup })]);
        await send('first', 'A');
        await send('same group', 'A');
        await send('other group', 'B');
        const wanted = deduplicationScope === 'queue' ? ['first'] : ['first', 'other group'];
        expect((await drain(harness, 'mail')).toSorted()).toEqual(wanted);
      }),
    );

    it(
      'each queue of an exchange remembers for itself',
      on(open, exchanges, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.deduplicationSeconds === 0) return;
        await broker.publish([message('mail', 'direct', { deduplicationId: 'd' })]);
        const fields = { exchange: 'tests.fanout', routingKey: '', deduplicationId: 'd' };
        await broker.publish([message('', 'all', fields), message('', 'all again', fields)]);
        await copiesArrive(harness);
        const both = harness.gaps?.has('copies-not-deduplicated') === true;
        expect(await drain(harness, 'mail')).toEqual(both ? ['direct', 'all'] : ['direct']);
        expect(await drain(harness, 'audit')).toEqual(['all']);
      }),
    );

    it(
      'an id is forgotten after the window',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const windowMs = broker.capabilities.deduplicationSeconds * 1000;
        if (windowMs === 0 || windowMs + 1000 > harness.longestPassMs) return;
        const send = (text: string) => broker.publish([message('mail', text, { deduplicationId: 'd' })]);
        await send('first');
        await harness.passMs(windowMs - 1000);
        await send('too early');
        await harness.passMs(1500);
        await send('late');
        expect(await drain(harness, 'mail')).toEqual(['first', 'late']);
      }),
    );
  });
}

export function delay(open: OpenHarness): void {
  const it = itOn(open);
  describe('delay', () => {
    it(
      'a delayed message comes when it is due and not before',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const dueAtMs = harness.now() + 2000;
        const [outcome] = await broker.publish([message('mail', 'a', { dueAtMs })]);
        if (broker.capabilities.maxDelaySeconds === 0) {
          expect(outcome).toMatchObject({ status: 'refused', code: 'not-supported' });
          return;
        }
        if (broker.capabilities.exactCounts) {
          expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, delayed: 1 }]);
          expect(await take(harness, 'mail', 1)).toEqual([]);
          await harness.passMs(1000);
          expect(await take(harness, 'mail', 1)).toEqual([]);
        }
        await harness.passMs(1000);
        const [delivery] = await take(harness, 'mail', 1);
        if (delivery === undefined) await harness.passMs(2000);
        else expect(harness.now()).toBeGreaterThanOrEqual(dueAtMs);
        expect(texts(delivery === undefined ? await take(harness, 'mail', 1) : [delivery])).toEqual(['a']);
      }),
    );

    it(
      'a call that waits gets a delayed message when it is due',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        if (broker.capabilities.maxDelaySeconds === 0) return;
        const received = broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
        await broker.publish([message('mail', 'a', { dueAtMs: harness.now() + 1000 })]);
        await harness.passMs(2000);
        expect(texts(await received)).toEqual(['a']);
      }),
    );

    it(
      'a due time in the past is no delay',
      on(open, topology, async (harness) => {
        if (harness.backend.broker.capabilities.maxDelaySeconds === 0) return;
        await harness.backend.broker.publish([message('mail', 'a', { dueAtMs: harness.now() - 1000 })]);
        expect(texts(await take(harness, 'mail', 1))).toEqual(['a']);
      }),
    );

    it(
      'delayed messages arrive in the order of their due times and take their place in their group then',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const { maxDelaySeconds, messageGroups } = broker.capabilities;
        if (maxDelaySeconds === 0 || messageGroups === 'none') return;
        const at = (text: string, inMs: number) =>
          message('mail', text, { messageGroup: 'A', dueAtMs: harness.now() + inMs });
        await broker.publish([at('third', 3000), at('second', 2000), message('mail', 'first', { messageGroup: 'A' })]);
        await harness.passMs(1000);
        await broker.publish([message('mail', 'between', { messageGroup: 'A' })]);
        await harness.passMs(3000);
        expect(await drain(harness, 'mail')).toEqual(['first', 'between', 'second', 'third']);
      }),
    );

    it(
      'a delayed message through an exchange is refused, because routing precedes delay',
      on(open, exchanges, async (harness) => {
        const fields = { exchange: 'tests.fanout', routingKey: '', dueAtMs: harness.now() + 5000 };
        const outcomes = await harness.backend.broker.publish([message('', 'a', fields)]);
        expect(outcomes).toMatchObject([{ status: 'refused', code: 'not-supported' }]);
      }),
    );

    it(
      'a delay longer than the broker has is refused, one as long as it has is accepted',
      on(open, topology, async (harness) => {
        const { maxDelaySeconds } = harness.backend.broker.capabilities;
        const outcomes = await harness.backend.broker.publish([
          message('mail', 'a', { dueAtMs: harness.now() + maxDelaySeconds * 1000 - 1000 }),
          message('mail', 'b', { dueAtMs: harness.now() + maxDelaySeconds * 1000 + 60_000 }),
        ]);
        expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'refused', code: 'not-supported' }]);
      }),
    );

    it(
      'a delayed message can be cancelled by its task id until it is due',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const { maxDelaySeconds, uncancellableDelaySeconds } = broker.capabilities;
        if (maxDelaySeconds === 0 || uncancellableDelaySeconds > 0) return;
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
      }),
    );

    it(
      'where short delays cannot be cancelled, long ones can',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const { maxDelaySeconds, uncancellableDelaySeconds: shortest } = broker.capabilities;
        if (shortest === 0) return;
        await broker.publish([message('mail', 'short', { dueAtMs: harness.now() + 1000 })]);
        expect(await admin.cancelDelayed('short')).toBeUndefined();
        if (maxDelaySeconds > shortest) {
          const dueAtMs = harness.now() + (shortest + 60) * 1000;
          await broker.publish([message('mail', 'long', { dueAtMs, messageGroup: 'A' })]);
          expect(await admin.cancelDelayed('long')).toMatchObject({
            ...{ queue: 'mail', place: 'delayed', dueAtMs, messageGroup: 'A' },
            message: { correlationId: 'long', headers: { task: 'tests.tasks.note' } },
          });
          expect(await admin.cancelDelayed('long')).toBeUndefined();
        }
        await harness.passMs(1500);
        expect(await drain(harness, 'mail')).toEqual(['short']);
      }),
    );
  });
}
