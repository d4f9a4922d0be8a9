import { expect } from '@jest/globals';
import { CellarError } from '../../shared/cellar/errors.ts';
import type { Topic } from './behaviour.ts';
import { copiesArrive, drain, message } from './deliveries.ts';
import { conflicting, exchanges, queuesOnly, queuesWith } from './topologies.ts';

export const declaring: Topic = {
  name: 'declaring',
  behaviours(it) {
    it('the same topology may be declared again; what it does not name stays', { on: exchanges }, async (harness) => {
      const { broker } = harness.backend;
      await broker.declare(exchanges);
      await broker.declare(queuesOnly('later'));
      await broker.publish([message('later', 'a'), message('', 'b', { exchange: 'tests.fanout', routingKey: '' })]);
      await copiesArrive(harness);
      expect(await drain(harness, 'later')).toEqual(['a']);
      expect(await drain(harness, 'mail')).toEqual(['b']);
    });

    it('an exchange that exists with another type is a conflict', { on: exchanges }, async ({ backend }) => {
      await expect(backend.broker.declare(conflicting)).rejects.toMatchObject({
        code: 'declare-conflict',
        message: expect.stringContaining('tests.direct'),
      });
    });

    it('after a conflict everything is as it was', { on: exchanges }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'before')]);
      await expect(broker.declare(conflicting)).rejects.toMatchObject({ code: 'declare-conflict' });
      await broker.publish([message('', 'after', { exchange: 'tests.direct', routingKey: 'paid' })]);
      await copiesArrive(harness);
      expect((await drain(harness, 'mail')).toSorted()).toEqual(['after', 'before']);
    });

    it('a queue that exists as another kind is a conflict, or stays as it is where kinds are not told apart', {
      on: queuesOnly('mail'),
    }, async (harness) => {
      const { broker } = harness.backend;
      await broker.publish([message('mail', 'a')]);
      const answer: unknown = await broker.declare(queuesWith({ type: 'classic' }, 'mail')).catch((error) => error);
      if (answer !== undefined) {
        expect(answer).toBeInstanceOf(CellarError);
        expect(answer).toMatchObject({
          code: 'declare-conflict',
          message: expect.stringMatching(/mail.*quorum|quorum.*mail/s),
        });
      }
      expect(await drain(harness, 'mail')).toEqual(['a']);
    });
  },
};
