import { describe, expect } from '@jest/globals';
import { ackAll, first, itOn, message, type OpenHarness, on, settleAll, take, texts } from './harness.ts';
import { queuesOnly, VISIBILITY_MS } from './topologies.ts';

const mail = queuesOnly('mail');

export function visibility(open: OpenHarness): void {
  const it = itOn(open);
  describe('visibility and redelivery', () => {
    it(
      'a message that was not settled in time comes again, counted, where receipts run out',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        await broker.publish([message('mail', 'a')]);
        const delivered = first(await take(harness, 'mail', 1));
        expect(await take(harness, 'mail', 1)).toEqual([]);
        await harness.passMs(VISIBILITY_MS + 100);
        const again = await take(harness, 'mail', 1);
        if (!broker.capabilities.extend) {
          expect(again).toEqual([]);
          expect(delivered.visibleAtMs).toBeUndefined();
          return;
        }
        expect(texts(again)).toEqual(['a']);
        const { deliveryCount } = broker.capabilities;
        // A poll that outlasts its call gives back what it brings, which counts as a receive.
        if (deliveryCount === 'every-receive') expect(first(again).deliveryCount).toBeGreaterThanOrEqual(2);
        else if (deliveryCount !== 'none') expect(first(again).deliveryCount).toBe(2);
      }),
    );

    it(
      'a call that waits gets the message at the moment when its receipt runs out',
      on(open, mail, async (harness) => {
        if (!harness.backend.broker.capabilities.extend) return;
        await harness.backend.broker.publish([message('mail', 'a')]);
        await take(harness, 'mail', 1);
        const received = harness.backend.broker.receive('mail', { maxMessages: 1, waitMs: 20_000 });
        await harness.passMs(VISIBILITY_MS + 100);
        expect(texts(await received)).toEqual(['a']);
      }),
    );

    it(
      'an extended receipt holds for as long as it was extended',
      on(open, mail, async (harness) => {
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
      }),
    );

    it(
      'a receipt whose message was delivered again is stale: it can neither be extended nor settled',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (!broker.capabilities.extend) return;
        await broker.publish([message('mail', 'a')]);
        const stale = await take(harness, 'mail', 1);
        await harness.passMs(VISIBILITY_MS + 100);
        const valid = await take(harness, 'mail', 1);
        expect(valid).toHaveLength(1);
        if (harness.gaps?.has('old-receipts-hold')) expect(await broker.extend(valid, 10)).toEqual([true]);
        else {
          expect(await broker.extend([...stale, ...valid], 10)).toEqual([false, true]);
          expect(await ackAll(harness, stale)).toEqual([{ status: 'stale' }]);
        }
        expect(await ackAll(harness, valid)).toEqual([{ status: 'settled' }]);
      }),
    );

    it(
      'a stale settlement publishes nothing and stores nothing, where the broker is transactional',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        if (!broker.capabilities.extend || !broker.capabilities.transactional) return;
        await broker.publish([message('mail', 'a')]);
        const delivery = first(await take(harness, 'mail', 1));
        await harness.passMs(VISIBILITY_MS + 100);
        await take(harness, 'mail', 1);
        for (const kind of ['ack', 'dead', 'release'] as const) {
          const disposition = {
            ack: { kind: 'ack' },
            dead: { kind: 'dead', reason: 'x' },
            release: releaseNow,
          } as const;
          const publish = [message('mail', 'child')];
          const settled = await broker.settle([{ delivery, publish, disposition: disposition[kind] }]);
          expect(settled).toEqual([{ status: 'stale' }]);
        }
        expect(await harness.backend.admin.counts(['mail'])).toMatchObject([{ ready: 0, inFlight: 1, dead: 0 }]);
      }),
    );

    it(
      'deliveries are counted as the broker declares, and a release is not one of them',
      on(open, mail, async (harness) => {
        const { broker } = harness.backend;
        await broker.publish([message('mail', 'a')]);
        const counts: number[] = [];
        for (let round = 0; round < 3; round++) {
          const taken = await take(harness, 'mail', 1);
          counts.push(first(taken).deliveryCount);
          await settleAll(harness, taken, releaseNow);
        }
        if (broker.capabilities.deliveryCount === 'exact') expect(counts).toEqual([1, 1, 1]);
        if (broker.capabilities.deliveryCount === 'every-receive') expect(counts).toEqual([1, 2, 3]);
        expect(counts).toHaveLength(3);
      }),
    );
  });
}

const releaseNow = { kind: 'release', delaySeconds: 0 } as const;
