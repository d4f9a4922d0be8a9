import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  delayLevels,
  delayRoute,
  dueBindingKey,
  MAX_DELAY_SECONDS,
} from '../../../../shared/cellar/brokers/rabbitmq/delay-levels.ts';
import { DUE_EXCHANGE } from '../../../../shared/cellar/brokers/rabbitmq/rabbitmq-names.ts';
import { route } from '../../../../shared/cellar/routing/route.ts';
import { topology } from '../../../../shared/cellar/topology.ts';

/** A name that a topology may declare. */
const own = (exchange: string): string => exchange.replace('cellar.', '');

/** The levels as a topology without time: at each a message goes to the level's queue or on. */
const levels = topology({
  exchanges: Object.fromEntries(
    [DUE_EXCHANGE, ...delayLevels.map(({ exchange }) => exchange)].map((name) => [own(name), { type: 'topic' }]),
  ),
  queues: Object.fromEntries(
    ['mail', 'mail.fr', 'fr', ...delayLevels.map((_, level) => `level-${level}`)].map((name) => [name, {}]),
  ),
  bindings: [
    ...['mail', 'mail.fr', 'fr'].map((queue) => ({ exchange: own(DUE_EXCHANGE), queue, key: dueBindingKey(queue) })),
    ...delayLevels.flatMap(({ exchange, nextExchange, stayKey, passKey }, level) => [
      { exchange: own(exchange), queue: `level-${level}`, key: stayKey },
      { exchange: own(exchange), toExchange: own(nextExchange), key: passKey },
    ]),
  ],
});

/** Where a message comes out, and how long it was kept. */
function travel(seconds: number, queue: string): { readonly seconds: number; readonly queues: readonly string[] } {
  const { exchange: first, routingKey } = delayRoute(seconds, queue);
  let keptMs = 0;
  for (let exchange = first; ; ) {
    const queues = route(levels, own(exchange), { routingKey });
    const [, level] = /^level-(\d+)$/.exec(queues[0] ?? '') ?? [];
    const stay = level === undefined ? undefined : delayLevels[Number(level)];
    if (stay === undefined) return { seconds: keptMs / 1000, queues };
    keptMs += stay.ttlMs;
    exchange = stay.nextExchange;
  }
}

describe('levels of delay', () => {
  it.each([1, 2, 3, 900, 86_400, 31_536_000, 5 * 31_536_000, MAX_DELAY_SECONDS])(
    '%d seconds are kept to the second',
    (seconds) => {
      expect(travel(seconds, 'mail')).toEqual({ seconds, queues: ['mail'] });
    },
  );

  it('every delay comes out after its time, in its queue and no other', () => {
    const delay = fc.integer({ min: 1, max: MAX_DELAY_SECONDS });
    fc.assert(
      fc.property(delay, fc.constantFrom('mail', 'mail.fr', 'fr'), (seconds, queue) => {
        expect(travel(seconds, queue)).toEqual({ seconds, queues: [queue] });
      }),
      { numRuns: 60 },
    );
  });

  it('a message enters at its longest level', () => {
    expect(delayRoute(5, 'mail')).toEqual({
      exchange: 'cellar.delay.2',
      routingKey: `${'0.'.repeat(25)}1.0.1.mail`,
    });
  });
});
