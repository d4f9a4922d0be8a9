import { expect } from '@jest/globals';
import type { Headers } from '../../shared/cellar/broker.ts';
import type { Topic } from './behaviour.ts';
import { copiesArrive, drain, message, take } from './deliveries.ts';
import { exchanges, queuesOnly } from './topologies.ts';

const ROUTES: readonly (readonly [how: string, exchange: string, key: string, headers: Headers, queues: string[]])[] = [
  ['direct by its key', 'tests.direct', 'paid', {}, ['mail']],
  ['fanout to all', 'tests.fanout', '', {}, ['mail', 'audit']],
  ['topic by its pattern', 'tests.topic', 'order.paid.fr', {}, ['mail', 'audit']],
  ['topic by # alone', 'tests.topic', 'order', {}, ['audit']],
  ['headers', 'tests.headers', '', { country: 'fr', wine: 'red' }, ['stock']],
  ['no binding matches', 'tests.direct', 'lost', {}, []],
  ['through another exchange', 'tests.through', 'order.paid', {}, ['audit', 'stock']],
  ['what nothing matches to the alternate exchange', 'tests.guarded', 'lost', {}, ['stock']],
  ['what something matches not to the alternate exchange', 'tests.guarded', 'known', {}, ['mail']],
];

export const publishAndRouting: Topic = {
  name: 'publishing and routing',
  behaviours: (it) => {
    it('the default exchange puts a message into the queue of its routing key, with everything it carries', {
      on: queuesOnly('mail', 'audit'),
    }, async (harness) => {
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
    });

    for (const [how, exchange, routingKey, headers, wanted] of ROUTES) {
      it(`an exchange routes: ${how}`, { on: exchanges }, async (harness) => {
        const sent = message('', 'a', { exchange, routingKey, headers });
        const [outcome] = await harness.backend.broker.publish([sent]);
        expect(outcome?.status).toBe('accepted');
        await copiesArrive(harness);
        for (const queue of ['mail', 'audit', 'stock'])
          expect(await drain(harness, queue)).toEqual(wanted.includes(queue) ? ['a'] : []);
      });
    }

    it('a mandatory message that no queue matches is refused, and one that matches is accepted', {
      on: exchanges,
    }, async (harness) => {
      const fields = { exchange: 'tests.direct', mandatory: true };
      const outcomes = await harness.backend.broker.publish([
        message('', 'a', { ...fields, routingKey: 'lost' }),
        message('', 'b', { ...fields, routingKey: 'paid' }),
      ]);
      expect(outcomes).toMatchObject([{ status: 'refused', code: 'unroutable' }, { status: 'accepted' }]);
    });

    it('an unknown queue and an unknown exchange are refused, each message for itself', {
      on: exchanges,
    }, async (harness) => {
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
    });

    it('receiving from an unknown queue is refused', { on: exchanges }, async ({ backend }) => {
      const receive = backend.broker.receive('nowhere', { maxMessages: 1, waitMs: 0 });
      await expect(receive).rejects.toMatchObject({ code: 'unknown-queue' });
    });
  },
};
