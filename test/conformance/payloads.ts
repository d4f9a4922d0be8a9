import { expect } from '@jest/globals';
import type { Topic } from './behaviour.ts';
import { can } from './conditions.ts';
import { first, message, take } from './deliveries.ts';
import { queuesOnly } from './topologies.ts';

const WHOLE = 'a message as large as allowed arrives whole, a larger one is refused with both sizes';
const topology = queuesOnly('mail');

export const payloads: Topic = {
  name: 'payloads',
  behaviours: (it) => {
    it('bytes stay bytes and text stays text, whatever is in them', { on: topology }, async (harness) => {
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
    });

    it(WHOLE, { on: topology, needs: can.maxMessageBytes, lacks: { shownBy: WHOLE } }, async (harness) => {
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
    });
  },
};
