import { describe, expect } from '@jest/globals';
import type { PeekedMessage } from '../../shared/cellar/broker.ts';
import { ackAll, drain, first, itOn, message, type OpenHarness, on, settleAll, take, takeSingly } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail', 'audit');

export function deadLetters(open: OpenHarness): void {
  const it = itOn(open);
  describe('dead letters', () => {
    it(
      'a dead message leaves its queue and is kept with its reason and its time',
      on(open, topology, async (harness) => {
        await harness.backend.broker.publish([message('mail', 'a', { messageGroup: 'A' })]);
        const before = harness.now();
        await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'bad arguments' });
        expect(await take(harness, 'mail', 1)).toEqual([]);
        const [dead] = await harness.backend.admin.peek('mail', { place: 'dead', limit: 10 });
        expect(dead).toMatchObject({
          queue: 'mail',
          place: 'dead',
          reason: 'bad arguments',
          messageGroup: 'A',
          message: { correlationId: 'a', headers: { task: 'tests.tasks.note' } },
        });
        expect(dead?.diedAtMs).toBeGreaterThanOrEqual(before);
      }),
    );

    it(
      'a redrive sends the oldest dead messages back as new attempts',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const group = broker.capabilities.orderedWithoutGroup ? {} : { messageGroup: 'A' };
        await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text, { deduplicationId: text, ...group })));
        for (let left = 3; left > 0; left--)
          await settleAll(harness, await take(harness, 'mail', 1), { kind: 'dead', reason: 'poison' });
        expect(await admin.redrive('mail', { limit: 2 })).toBe(2);
        expect(await admin.counts(['mail'])).toMatchObject([{ ready: 2, dead: 1 }]);
        const taken = await take(harness, 'mail', 2);
        expect(taken.map(({ message: { correlationId, headers } }) => [correlationId, headers])).toMatchObject([
          ['a', { 'x-cellar-generation': 1, task: 'tests.tasks.note' }],
          ['b', { 'x-cellar-generation': 1 }],
        ]);
        expect(taken.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1]);
        await settleAll(harness, taken, { kind: 'dead', reason: 'poison again' });
        expect(await admin.redrive('mail')).toBe(3);
        const generations = (await take(harness, 'mail', 3)).map((one) => one.message.headers['x-cellar-generation']);
        expect(generations).toEqual([1, 2, 2]);
        expect(await admin.redrive('mail')).toBe(0);
      }),
    );
  });
}

export function admin(open: OpenHarness): void {
  const it = itOn(open);
  describe('looking into queues', () => {
    it(
      'messages are counted where they are',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const { maxDelaySeconds, exactCounts } = broker.capabilities;
        const delayed = maxDelaySeconds > 0 ? [message('mail', 'later', { dueAtMs: harness.now() + 60_000 })] : [];
        await broker.publish(['a', 'b', 'c', 'd'].map((text) => message('mail', text)));
        await broker.publish(delayed);
        const [dead, ...held] = await take(harness, 'mail', 2);
        await settleAll(harness, [first(dead === undefined ? [] : [dead])], { kind: 'dead', reason: 'x' });
        expect(held).toHaveLength(1);
        const counts = await admin.counts(['audit', 'mail']);
        expect(counts).toMatchObject([
          { queue: 'audit', ready: 0, inFlight: 0, dead: 0 },
          { queue: 'mail', ready: 2, inFlight: 1, dead: 1 },
        ]);
        expect(counts.map((each) => each.delayed)).toEqual(exactCounts ? [0, delayed.length] : [undefined, undefined]);
        expect((await admin.counts()).map(({ queue }) => queue).toSorted()).toEqual(['audit', 'mail']);
      }),
    );

    it(
      'messages that wait behind the head of their group count as ready',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') return;
        const before = harness.now();
        await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text, { messageGroup: 'A' })));
        await take(harness, 'mail', 1);
        const [counts] = await admin.counts(['mail']);
        if (broker.capabilities.exactCounts) expect(counts).toMatchObject({ ready: 2, inFlight: 1 });
        else expect((counts?.ready ?? 0) + (counts?.inFlight ?? 0)).toBe(3);
        expect(counts?.oldestReadyAtMs ?? before).toBeGreaterThanOrEqual(before);
      }),
    );

    it(
      'looking at messages leaves them where they are',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
        if (!broker.capabilities.peekable.includes('ready')) return;
        const peeked = await admin.peek('mail', { place: 'ready', limit: 2 });
        expect(peeked.map((one) => one.message.correlationId)).toEqual(['a', 'b']);
        expect(peeked[0]).toMatchObject({
          place: 'ready',
          deliveryCount: 0,
          message: { contentType: 'application/json' },
        });
        expect(await drain(harness, 'mail')).toEqual(['a', 'b', 'c']);
        expect(await admin.peek('mail', { place: 'ready', limit: 2 })).toEqual([]);
      }),
    );

    it(
      'delayed messages are shown with their due times',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const { maxDelaySeconds, peekable } = broker.capabilities;
        if (maxDelaySeconds === 0 || !peekable.includes('delayed')) return;
        const dueAtMs = harness.now() + 60_000;
        await broker.publish([message('mail', 'b', { dueAtMs: dueAtMs + 1000 }), message('mail', 'a', { dueAtMs })]);
        const peeked = await admin.peek('mail', { place: 'delayed', limit: 5 });
        expect(peeked).toMatchObject([
          { message: { correlationId: 'a' }, dueAtMs },
          { message: { correlationId: 'b' }, dueAtMs: dueAtMs + 1000 },
        ]);
      }),
    );

    it(
      'a place that cannot be looked into is said, all others can be, twice',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
        await settleAll(harness, await takeSingly(harness, 'mail', 2), { kind: 'dead', reason: 'x' });
        for (const place of ['ready', 'inFlight', 'delayed', 'dead'] as const) {
          const peek = () => admin.peek('mail', { place, limit: 5 });
          if (broker.capabilities.peekable.includes(place))
            expect(uncounted(await peek())).toEqual(uncounted(await peek()));
          else await expect(peek()).rejects.toMatchObject({ code: 'not-supported' });
        }
        expect(await admin.redrive('mail')).toBe(2);
        expect((await drain(harness, 'mail')).toSorted()).toEqual(['a', 'b', 'c']);
      }),
    );

    it(
      'a purge deletes what is ready or delayed and nothing else',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        const { maxDelaySeconds, purgesAll } = broker.capabilities;
        const canDelay = maxDelaySeconds > 0;
        await broker.publish(['a', 'b', 'c', 'd'].map((text) => message('mail', text)));
        if (canDelay) await broker.publish([message('mail', 'later', { dueAtMs: harness.now() + 60_000 })]);
        await broker.publish([message('audit', 'kept')]);
        const held = await take(harness, 'mail', 2);
        await settleAll(harness, held.slice(0, 1), { kind: 'dead', reason: 'x' });
        expect(await admin.purge('mail')).toBe(canDelay && purgesAll ? 3 : 2);
        expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, inFlight: 1, dead: 1 }]);
        expect(await ackAll(harness, held.slice(1))).toEqual([{ status: 'settled' }]);
        expect(await drain(harness, 'audit')).toEqual(['kept']);
      }),
    );

    it(
      'a group goes on after a purge',
      on(open, topology, async (harness) => {
        const { broker, admin } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') return;
        const send = (text: string) => broker.publish([message('mail', text, { messageGroup: 'A' })]);
        await send('head');
        await send('purged');
        const head = await take(harness, 'mail', 1);
        await broker.extend(head, 60); // what follows takes longer, where each look waits
        await admin.purge('mail');
        await send('after');
        expect(await take(harness, 'mail', 1)).toEqual([]);
        await ackAll(harness, head);
        expect(await drain(harness, 'mail')).toEqual(broker.capabilities.purgesAll ? ['after'] : ['purged', 'after']);
        await send('alone');
        expect(await drain(harness, 'mail')).toEqual(['alone']);
      }),
    );

    it(
      'an unknown queue is named',
      on(open, topology, async ({ backend: { admin } }) => {
        const calls = [
          () => admin.counts(['nowhere']),
          () => admin.peek('nowhere', { place: 'ready', limit: 1 }),
          () => admin.purge('nowhere'),
          () => admin.redrive('nowhere'),
        ];
        for (const call of calls)
          await expect(call()).rejects.toMatchObject({
            code: 'unknown-queue',
            message: expect.stringContaining('nowhere'),
          });
      }),
    );
  });
}

/** A look may count as a receive of the dead-letter queue. */
function uncounted(peeked: readonly PeekedMessage[]): readonly object[] {
  return peeked.map(({ deliveryCount: _count, ...rest }) => rest);
}
