import { describe, expect } from '@jest/globals';
import { ackAll, drain, first, itOn, many, message, type OpenHarness, on, take, texts, ungrouped } from './harness.ts';
import { queuesOnly } from './topologies.ts';

const topology = queuesOnly('mail');

export function batches(open: OpenHarness): void {
  const it = itOn(open);
  describe('batches', () => {
    it(
      'outcomes stand in the order of the messages, and what is refused does not keep the rest from being accepted',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const sent = Array.from({ length: many(harness, 300) }, (_, index) =>
          message(index % 3 === 0 ? 'nowhere' : 'mail', `m${index}`),
        );
        const outcomes = await broker.publish(sent);
        const wanted = sent.map(({ routingKey }) => (routingKey === 'mail' ? 'accepted' : 'refused'));
        expect(outcomes.map(({ status }) => status)).toEqual(wanted);
        const accepted = sent.filter(({ routingKey }) => routingKey === 'mail').map((one) => one.correlationId);
        expect(ungrouped(harness, await drain(harness, 'mail'))).toEqual(ungrouped(harness, accepted));
      }),
    );

    it(
      'a large settlement is answered in the order of its deliveries',
      on(open, topology, async (harness) => {
        const sent = Array.from({ length: many(harness, 300) }, (_, index) => `m${index}`);
        await harness.backend.broker.publish(sent.map((text) => message('mail', text)));
        const taken = await take(harness, 'mail', sent.length);
        expect(taken).toHaveLength(sent.length);
        const everyOther = taken.filter((_, index) => index % 2 === 0);
        await ackAll(harness, everyOther);
        const outcomes = await ackAll(harness, taken);
        expect(outcomes.map(({ status }) => status)).toEqual(
          taken.map((_, index) => (index % 2 === 0 ? 'stale' : 'settled')),
        );
      }),
    );

    it(
      'concurrent calls of all kinds lose and double nothing',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const sent = Array.from({ length: many(harness, 200) }, (_, index) => `m${index}`);
        const seen: string[] = [];
        const publishing = Promise.all(sent.map((text) => broker.publish([message('mail', text)])));
        const consumer = async (): Promise<void> => {
          for (let some = await take(harness, 'mail', 7); some.length > 0; some = await take(harness, 'mail', 7)) {
            seen.push(...texts(some));
            await ackAll(harness, some);
          }
        };
        await Promise.all([publishing, consumer(), consumer()]);
        await consumer();
        expect(seen.toSorted()).toEqual(sent.toSorted());
      }),
    );
  });
}

export function payloads(open: OpenHarness): void {
  const it = itOn(open);
  describe('payloads', () => {
    it(
      'bytes stay bytes and text stays text, whatever is in them',
      on(open, topology, async (harness) => {
        const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
        const text = 'Château Pétrus \u{1F377} "quoted" \\ \n end';
        await harness.backend.broker.publish([
          message('mail', 'bytes', { body: bytes, contentEncoding: 'binary', contentType: 'application/x-gzip' }),
          message('mail', 'text', { body: text, headers: { note: text } }),
          message('mail', 'empty', { body: '' }),
        ]);
        const taken = await take(harness, 'mail', 3);
        const [one, two, three] = ['bytes', 'text', 'empty'].map((name) =>
          taken.find((delivery) => delivery.message.correlationId === name),
        );
        expect(new Uint8Array(Buffer.from(one?.message.body ?? ''))).toEqual(bytes);
        expect(one?.message).toMatchObject({ contentEncoding: 'binary', contentType: 'application/x-gzip' });
        expect(two?.message.body).toBe(text);
        expect(two?.message.headers).toEqual({ note: text });
        expect(three?.message.body).toBe('');
      }),
    );

    it(
      'a message as large as allowed arrives whole, a larger one is refused with both sizes',
      on(open, topology, async (harness) => {
        const { broker } = harness.backend;
        const { maxMessageBytes } = broker.capabilities;
        const body = 'x'.repeat(Math.floor(maxMessageBytes * 0.95));
        const outcomes = await broker.publish([
          message('mail', 'large', { body }),
          message('mail', 'larger', { body: 'x'.repeat(maxMessageBytes + 1) }),
          message('mail', 'headers', { headers: { much: 'x'.repeat(maxMessageBytes) } }),
        ]);
        expect(outcomes).toMatchObject([
          { status: 'accepted' },
          { status: 'refused', code: 'message-too-large', reason: expect.stringContaining(String(maxMessageBytes)) },
          { status: 'refused', code: 'message-too-large' },
        ]);
        const delivery = first(await take(harness, 'mail', 1));
        const { bodyKey, message: carried } = delivery;
        if (bodyKey !== undefined) expect(carried.body).toBe('');
        const arrived = bodyKey === undefined ? carried.body : await harness.backend.payloads?.get(bodyKey);
        expect(arrived === body).toBe(true);
      }),
    );
  });
}
