import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { both, can } from './conditions.ts';
import { ackAll, first, message, settleAll, take, texts } from './deliveries.ts';
import type { Harness } from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const RUNS_OUT = 'a message that was not settled in time comes again, counted';
const mail = queuesOnly('mail');
const releaseNow = { kind: 'release', delaySeconds: 0 } as const;

export const visibility: Topic = {
  name: 'visibility and redelivery',
  behaviours(it) {
    it(RUNS_OUT, { on: mail, needs: can.extend, lacks: receiptsHold }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      await take(harness, 'mail', 1);
      expect(await take(harness, 'mail', 1)).toEqual([]);
      await harness.passMs(VISIBILITY_MS + 100);
      const again = await take(harness, 'mail', 1);
      expect(texts(again)).toEqual(['a']);
      // A poll that outlasts its call gives back what it brings, which may count as a receive.
      if (broker.capabilities.deliveryCount !== 'none') expect(first(again).deliveryCount).toBeGreaterThanOrEqual(2);
      if (broker.capabilities.deliveryCount === 'exact') expect(first(again).deliveryCount).toBe(2);
    });

    it('a call that waits gets the message at the moment when its receipt runs out', {
      on: mail,
      needs: can.extend,
      lacks: { shownBy: RUNS_OUT },
    }, async (harness) => {
      await harness.backend.broker.publish([message('mail', 'a')]);
      await take(harness, 'mail', 1);
      const received = harness.backend.broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
      await harness.passMs(VISIBILITY_MS + 100);
      expect(texts(await received)).toEqual(['a']);
    });

    it('an extended receipt holds for as long as it was extended', { on: mail }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const taken = await take(harness, 'mail', 1);
      // As long as the looks below may take.
      const heldMs = VISIBILITY_MS + 500;
      const seconds = 2 + Math.ceil((heldMs + harness.patienceMs) / 1000);
      expect(await broker.extend(taken, seconds)).toEqual([true]);
      await harness.passMs(heldMs);
      expect(await take(harness, 'mail', 1)).toEqual([]);
      expect(await ackAll(harness, taken)).toEqual([{ status: 'settled' }]);
    });

    it('a receipt whose message was delivered again is stale: it can neither be extended nor settled', {
      on: mail,
      needs: can.extend,
      lacks: { shownBy: RUNS_OUT },
      gap: {
        name: 'old-receipts-hold',
        async shows(harness) {
          const { stale, valid } = await redelivered(harness);
          expect(await harness.backend.broker.extend([...stale, ...valid], 10)).toEqual([true, true]);
        },
      },
    }, async (harness) => {
      const { stale, valid } = await redelivered(harness);
      expect(await harness.backend.broker.extend([...stale, ...valid], 10)).toEqual([false, true]);
      expect(await ackAll(harness, stale)).toEqual([{ status: 'stale' }]);
      expect(await ackAll(harness, valid)).toEqual([{ status: 'settled' }]);
    });

    it('a stale settlement publishes nothing and stores nothing', {
      on: mail,
      needs: both(can.extend, can.transactional),
      lacks: { shownBy: 'a settlement that fails publishes nothing and stores nothing' },
    }, async (harness) => {
      const { broker, admin } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const delivery = first(await take(harness, 'mail', 1));
      await harness.passMs(VISIBILITY_MS + 100);
      await take(harness, 'mail', 1);
      for (const disposition of [{ kind: 'ack' }, { kind: 'dead', reason: 'x' }, releaseNow] as const) {
        const publish = [message('mail', 'child')];
        expect(await broker.settle([{ delivery, publish, disposition }])).toEqual([{ status: 'stale' }]);
      }
      expect(await admin.counts(['mail'])).toMatchObject([{ ready: 0, inFlight: 1, dead: 0 }]);
    });

    it('deliveries are counted exactly: a release is not one of them', {
      on: mail,
      needs: can.deliveryCount,
      // Every receive counts, or the server does not tell: a worker then decides by its own count of starts.
      async lacks(harness) {
        const [one = 0, two = 0, three = 0] = await countsOfReleases(harness);
        expect(one).toBe(1);
        expect(two).toBeGreaterThanOrEqual(one);
        expect(three).toBeGreaterThanOrEqual(two);
      },
    }, async (harness) => {
      expect(await countsOfReleases(harness)).toEqual([1, 1, 1]);
    });
  },
};

/** Where receipts do not run out: nothing comes again while its connection lives. */
async function receiptsHold(harness: Harness): Promise<void> {
  await harness.backend.broker.publish([message('mail', 'a')]);
  const taken = await take(harness, 'mail', 1);
  expect(first(taken).visibleAtMs).toBeUndefined();
  await harness.passMs(VISIBILITY_MS + 100);
  expect(await take(harness, 'mail', 1)).toEqual([]);
  expect(await ackAll(harness, taken)).toEqual([{ status: 'settled' }]);
}

/** One message taken twice: the first receipt had run out. */
async function redelivered(harness: Harness) {
  await harness.backend.broker.publish([message('mail', 'a')]);
  const stale = await take(harness, 'mail', 1);
  await harness.passMs(VISIBILITY_MS + 100);
  const valid = await take(harness, 'mail', 1);
  expect(texts(valid)).toEqual(['a']);
  return { stale, valid };
}

/** The delivery counts of one message that is taken and released three times. */
async function countsOfReleases(harness: Harness): Promise<readonly number[]> {
  await harness.backend.broker.publish([message('mail', 'a')]);
  const counts: number[] = [];
  for (let round = 0; round < 3; round++) {
    const taken = await take(harness, 'mail', 1);
    counts.push(first(taken).deliveryCount);
    await settleAll(harness, taken, releaseNow);
  }
  return counts;
}
