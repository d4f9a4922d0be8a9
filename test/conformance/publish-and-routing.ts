import { describe, expect } from '@jest/globals';
import { copiesArrive, drain, itOn, message, type OpenHarness, on, take } from './harness.ts';
import { conflicting, exchanges, queuesOnly } from './topologies.ts';

export function publishAndRouting(open: OpenHarness): void {
  const it = itOn(open);
  describe('publishing and routing', () => {
    it(
      'the default exchange puts a message into the queue of its routing key, with everything it carries',
      on(open, queuesOnly('mail', 'audit'), async (harness) => {
        const sent = message('mail', 'a', { replyTo: 'replies', headers: { id: 'a', deep: { list: [1, null, 'x'] } } });
        expect(await harness.backend.broker.publish([sent])).toEqual([{ status: 'accepted', queues: ['mail'] }]);
        const [delivery] = await take(harness, 'mail', 1);
        expect(delivery?.queue).toBe('mail');
        expect(delivery?.message).toEqual({
          headers: { id: 'a', deep: { list: [1, null, 'x'] } },
          contentType: 'application/json',
          contentEncoding: 'utf-8',
          body: sent.body,
          correlationId: 'a',
          replyTo: 'replies',
        });
        expect(await drain(harness, 'audit')).toEqual([]);
      }),
    );

    it.each([
      ['direct by its key', 'tests.direct', 'paid', {}, { mail: ['a'], audit: [], stock: [] }],
      ['fanout to all', 'tests.fanout', '', {}, { mail: ['a'], audit: ['a'], stock: [] }],
      ['topic by its pattern', 'tests.topic', 'order.paid.fr', {}, { mail: ['a'], audit: ['a'], stock: [] }],
      ['topic by # alone', 'tests.topic', 'order', {}, { mail: [], audit: ['a'], stock: [] }],
      ['headers', 'tests.headers', '', { country: 'fr', wine: 'red' }, { mail: [], audit: [], stock: ['a'] }],
      ['no binding matches', 'tests.direct', 'lost', {}, { mail: [], audit: [], stock: [] }],
    ])('an exchange routes: %s', async (_name, exchange, routingKey, headers, wanted) => {
      await on(open, exchanges, async (harness) => {
        const sent = message('', 'a', { exchange, routingKey, headers });
        const [outcome] = await harness.backend.broker.publish([sent]);
        expect(outcome?.status).toBe('accepted');
        await copiesArrive(harness);
        for (const [queue, texts] of Object.entries(wanted)) expect(await drain(harness, queue)).toEqual(texts);
      })();
    });

    it(
      'a mandatory message that no queue matches is refused, and one that matches is accepted',
      on(open, exchanges, async (harness) => {
        const fields = { exchange: 'tests.direct', mandatory: true };
        const outcomes = await harness.backend.broker.publish([
          message('', 'a', { ...fields, routingKey: 'lost' }),
          message('', 'b', { ...fields, routingKey: 'paid' }),
        ]);
        expect(outcomes).toMatchObject([{ status: 'refused', code: 'unroutable' }, { status: 'accepted' }]);
      }),
    );

    it(
      'an unknown queue and an unknown exchange are refused, each message for itself',
      on(open, exchanges, async (harness) => {
        const outcomes = await harness.backend.broker.publish([
          message('nowhere', 'a'),
          message('mail', 'b'),
          message('', 'c', { exchange: 'nowhere' }),
        ]);
        expect(outcomes).toMatchObject([
          { status: 'refused', code: 'unknown-queue', reason: expect.stringContaining('nowhere') },
          { status: 'accepted' },
          { status: 'refused', code: 'unknown-exchange', reason: expect.stringContaining('nowhere') },
        ]);
        expect(await drain(harness, 'mail')).toEqual(['b']);
      }),
    );

    it(
      'receiving from an unknown queue is refused',
      on(open, exchanges, async ({ backend }) => {
        const receive = backend.broker.receive('nowhere', { maxMessages: 1, waitMs: 0 });
        await expect(receive).rejects.toMatchObject({ code: 'unknown-queue' });
      }),
    );

    it(
      'the same topology may be declared again; what it does not name stays',
      on(open, exchanges, async (harness) => {
        await harness.backend.broker.declare(exchanges);
        await harness.backend.broker.declare(queuesOnly('later'));
        await harness.backend.broker.publish([
          message('later', 'a'),
          message('', 'b', { exchange: 'tests.fanout', routingKey: '' }),
        ]);
        await copiesArrive(harness);
        expect(await drain(harness, 'later')).toEqual(['a']);
        expect(await drain(harness, 'mail')).toEqual(['b']);
      }),
    );

    it(
      'an exchange that exists with another type is a conflict',
      on(open, exchanges, async ({ backend }) => {
        await expect(backend.broker.declare(conflicting)).rejects.toMatchObject({
          code: 'declare-conflict',
          message: expect.stringContaining('tests.direct'),
        });
      }),
    );

    it(
      'a priority is honoured by a broker that has priorities and refused by one that has none',
      on(open, queuesOnly('mail'), async (harness) => {
        const { broker } = harness.backend;
        const outcomes = await broker.publish([message('mail', 'low'), message('mail', 'high', { priority: 9 })]);
        if (broker.capabilities.priority === 'every-queue')
          expect(await drain(harness, 'mail')).toEqual(['high', 'low']);
        else expect(outcomes).toMatchObject([{ status: 'accepted' }, { status: 'refused', code: 'not-supported' }]);
      }),
    );
  });
}
