import { expect } from '@jest/globals';
import type { PeekedMessage } from '../../shared/cellar/broker.ts';
import type { Test, Topic } from './behaviour.ts';
import { both, can, canPeekDelayed } from './conditions.ts';
import { ackAll, drain, message, settleAll, take, takeSingly } from './deliveries.ts';
import { orderedQueues, queuesOnly } from './topologies.ts';

const REFUSED = 'a place that cannot be looked into is said, all others can be, twice';
const on = queuesOnly('mail', 'audit');
const numbered = ['a', 'b', 'c', 'd'];

export const lookingIntoQueues: Topic = {
  name: 'looking into queues',
  behaviours(it) {
    it('messages are counted where they are', { on }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish(numbered.map((text) => message('mail', text)));
      const taken = await take(harness, 'mail', 2);
      expect(taken).toHaveLength(2);
      await settleAll(harness, taken.slice(0, 1), { kind: 'dead', reason: 'x' });
      const counts = await admin.counts(['audit', 'mail']);
      expect(counts).toMatchObject([
        { queue: 'audit', ready: 0, dead: 0 },
        { queue: 'mail', ready: 2, dead: 1 },
      ]);
      // Where the broker can tell.
      expect([
        [0, 1],
        [undefined, undefined],
      ]).toContainEqual(counts.map(({ inFlight }) => inFlight));
      expect((await admin.counts()).map(({ queue }) => queue).toSorted()).toEqual(['audit', 'mail']);
    });

    it('what is delayed or in flight is counted exactly', {
      on,
      needs: both(can.exactCounts, can.maxDelaySeconds),
      async lacks({ backend: { admin } }) {
        expect((await admin.counts(['mail'])).map(({ delayed }) => delayed)).toEqual([undefined]);
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish([message('mail', 'a'), message('mail', 'later', { dueAtMs: harness.now() + 60_000 })]);
      expect(await admin.counts(['mail'])).toMatchObject([{ ready: 1, inFlight: 0, delayed: 1 }]);
      await take(harness, 'mail', 1);
      expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, inFlight: 1, delayed: 1 }]);
    });

    it('messages that wait behind the head of their group count as ready', {
      on: orderedQueues('mail'),
      needs: both(can.exactCounts, can.messageGroups),
      async lacks(harness) {
        const { broker, admin } = harness.backend;
        await broker.publish(numbered.map((text) => message('mail', text)));
        const taken = await take(harness, 'mail', 1);
        const [counts] = await admin.counts(['mail']);
        // What a process has fetched ahead may count either way.
        expect((counts?.ready ?? 0) + (counts?.inFlight ?? taken.length)).toBeLessThanOrEqual(numbered.length);
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      const before = harness.now();
      await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text, { messageGroup: 'A' })));
      await take(harness, 'mail', 1);
      const [counts] = await admin.counts(['mail']);
      expect(counts).toMatchObject({ ready: 2, inFlight: 1 });
      expect(counts?.oldestReadyAtMs).toBeGreaterThanOrEqual(before);
    });

    it('looking at messages that are ready leaves them where they are', {
      on,
      needs: can.peekable,
      lacks: refusesToPeek('ready'),
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish(['a', 'b', 'c'].map((text) => message('mail', text)));
      const peeked = await admin.peek('mail', { place: 'ready', limit: 2 });
      expect(peeked.map((one) => one.message.correlationId)).toEqual(['a', 'b']);
      expect(peeked[0]).toMatchObject({
        place: 'ready',
        deliveryCount: 0,
        message: { contentType: 'application/json' },
      });
      expect(await drain(harness, 'mail')).toEqual(['a', 'b', 'c']);
      expect(await admin.peek('mail', { place: 'ready', limit: 2 })).toEqual([]);
    });

    it('delayed messages are shown with their due times', {
      on,
      needs: canPeekDelayed,
      lacks: refusesToPeek('delayed'),
    }, async (harness) => {
      const dueAtMs = harness.now() + 60_000;
      const later = message('mail', 'b', { dueAtMs: dueAtMs + 1000 });
      await harness.backend.broker.publish([later, message('mail', 'a', { dueAtMs })]);
      expect(await harness.backend.admin.peek('mail', { place: 'delayed', limit: 5 })).toMatchObject([
        { message: { correlationId: 'a' }, dueAtMs },
        { message: { correlationId: 'b' }, dueAtMs: dueAtMs + 1000 },
      ]);
    });

    it(REFUSED, { on }, async (harness) => {
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
    });

    it('a purge deletes what is ready and nothing else', { on }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish([...numbered.map((text) => message('mail', text)), message('audit', 'kept')]);
      const held = await take(harness, 'mail', 2);
      await settleAll(harness, held.slice(0, 1), { kind: 'dead', reason: 'x' });
      expect(await admin.purge('mail')).toBe(2);
      expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, dead: 1 }]);
      expect(await ackAll(harness, held.slice(1))).toEqual([{ status: 'settled' }]);
      expect(await drain(harness, 'audit')).toEqual(['kept']);
    });

    it('a purge reaches what is delayed', {
      on,
      needs: both(can.maxDelaySeconds, can.purgesAll),
      async lacks(harness) {
        const { broker, admin } = harness.backend;
        await broker.publish([message('mail', 'later', { dueAtMs: harness.now() + 3000 })]);
        expect(await admin.purge('mail')).toBe(0);
      },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish([message('mail', 'a'), message('mail', 'later', { dueAtMs: harness.now() + 2000 })]);
      expect(await admin.purge('mail')).toBe(2);
      await harness.passMs(3000);
      expect(await take(harness, 'mail', 1)).toEqual([]);
    });

    it('a purge reaches what waits behind a delivery of its group, and the group goes on', {
      on: orderedQueues('mail'),
      needs: both(can.messageGroups, can.purgesAll),
      async lacks(harness) {
        const { broker } = harness.backend;
        if (broker.capabilities.messageGroups === 'none') {
          const outcomes = await broker.publish([message('mail', 'a', { messageGroup: 'A' })]);
          expect(outcomes).toMatchObject([{ code: 'not-supported' }]);
        } else expect(await afterPurge(harness)).toContain('after');
      },
    }, async (harness) => {
      expect(await afterPurge(harness)).toEqual(['after']);
    });

    it('an unknown queue is named', { on }, async ({ backend: { admin } }) => {
      const calls = [
        () => admin.counts(['nowhere']),
        () => admin.peek('nowhere', { place: 'dead', limit: 1 }),
        () => admin.purge('nowhere'),
        () => admin.redrive('nowhere'),
      ];
      for (const call of calls)
        await expect(call()).rejects.toMatchObject({
          code: 'unknown-queue',
          message: expect.stringContaining('nowhere'),
        });
    });
  },
};

function refusesToPeek(place: PeekedMessage['place']): Test {
  return async ({ backend }) => {
    await expect(backend.admin.peek('mail', { place, limit: 1 })).rejects.toMatchObject({ code: 'not-supported' });
  };
}

/** What a group gets whose head is out during a purge: of what waited behind it and what was sent after. */
async function afterPurge(harness: Parameters<typeof drain>[0]): Promise<readonly string[]> {
  const { broker, admin } = harness.backend;
  const send = (text: string) => broker.publish([message('mail', text, { messageGroup: 'A' })]);
  await send('head');
  await send('purged');
  const head = await take(harness, 'mail', 1);
  await broker.extend(head, 60); // what follows takes longer, where each look waits
  await admin.purge('mail');
  await send('after');
  expect(await take(harness, 'mail', 1)).toEqual([]);
  await ackAll(harness, head);
  return await drain(harness, 'mail');
}

/** A look may count as a receive of the dead-letter queue. */
function uncounted(peeked: readonly PeekedMessage[]): readonly object[] {
  return peeked.map(({ deliveryCount: _count, ...rest }) => rest);
}
