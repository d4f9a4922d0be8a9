import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type AwsPlan, attributesFor, mustRoute, needsRecheck, planAws } from '../../../shared/cellar/aws/plan.ts';
import { CellarError } from '../../../shared/cellar/errors.ts';
import { route } from '../../../shared/cellar/routing/route.ts';
import {
  type BindingDeclaration,
  type ExchangeType,
  type Topology,
  topology,
} from '../../../shared/cellar/topology.ts';
import { delivered, type Sent } from './delivered.ts';

const EXCHANGES = ['in', 'middle', 'last'];
const QUEUES = ['mail', 'stock', 'audit'];

const word = fc.constantFrom('a', 'b', 'a', 'b', '', 'ä"', '%', 'x y');
const keyOf = (words: fc.Arbitrary<string>, most: number): fc.Arbitrary<string> =>
  fc.array(words, { maxLength: most }).map((all) => all.join('.'));
const pattern = keyOf(fc.oneof({ weight: 3, arbitrary: word }, { weight: 2, arbitrary: fc.constantFrom('*', '#') }), 5);
const routingKey = keyOf(fc.oneof(word, fc.constantFrom('c', '*', '#')), 6);

const headerName = fc.constantFrom('region', 'x-kind', 'größe', 'constructor', 'a_b');
const headerValue = fc.constantFrom<unknown>(
  ...[
    'eu',
    '8',
    8,
    true,
    'true',
    '',
    null,
    'null',
    '":',
    1.5,
    [8],
    ['8'],
    { a: 1, b: 2 },
    { b: 2, a: 1 },
    'y'.repeat(300),
  ],
);
const someHeaders = fc.dictionary(headerName, headerValue, { maxKeys: 3, noNullPrototype: true });
const mode = fc.constantFrom('all', 'any', 'all-with-x', 'any-with-x');
const wanted = fc.tuple(someHeaders, mode).map(([headers, match]) => ({ ...headers, 'x-match': match }));

interface Binding {
  readonly from: string;
  readonly to: string;
  readonly key: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const binding: fc.Arbitrary<Binding> = fc.record({
  from: fc.constantFrom(...EXCHANGES, 'in', 'in'),
  to: fc.constantFrom(...QUEUES, ...QUEUES, ...EXCHANGES),
  key: pattern,
  arguments: wanted,
});

function declare(types: readonly ExchangeType[], bindings: readonly Binding[]): Topology {
  const exchanges = Object.fromEntries(EXCHANGES.map((name, place) => [name, { type: types[place] ?? 'topic' }]));
  const declared = bindings.map(({ from, to, key, arguments: headers }): BindingDeclaration => {
    const target = QUEUES.includes(to) ? { queue: to } : { toExchange: to };
    return { exchange: from, ...target, key, ...(exchanges[from]?.type === 'headers' ? { arguments: headers } : {}) };
  });
  const distinct = new Map(declared.map((each) => [JSON.stringify(each), each]));
  return topology({
    exchanges,
    queues: Object.fromEntries(QUEUES.map((name) => [name, {}])),
    bindings: [...distinct.values()],
  });
}

/** The plan, or `undefined` where SNS cannot hold it. */
function planned(shop: Topology): AwsPlan | undefined {
  try {
    return planAws(shop, 'shop');
  } catch (error) {
    if (error instanceof CellarError && error.code === 'bad-topology') return undefined;
    throw error;
  }
}

const types = fc.tuple(
  ...EXCHANGES.map(() => fc.constantFrom<ExchangeType>('topic', 'topic', 'direct', 'fanout', 'headers')),
);
const messages = fc.array(fc.record({ routingKey, headers: someHeaders }), { minLength: 1, maxLength: 12 });

describe('a plan', () => {
  it('lets through to each queue what route() says, and more only where it says so', () => {
    const seen = { exact: 0, rechecked: 0, refused: 0, tooMany: 0 };
    fc.assert(
      fc.property(types, fc.uniqueArray(binding, { maxLength: 8 }), messages, (kinds, bindings, sent) => {
        const shop = declare(kinds, bindings);
        const plan = planned(shop);
        if (plan === undefined) {
          seen.refused += 1;
          return;
        }
        for (const message of sent) for (const exchange of EXCHANGES) check(shop, plan, { ...message, exchange });
      }),
      { numRuns: 3_000 },
    );
    // What is refused must stay the exception, or the property says little.
    expect(seen.refused).toBeLessThan(300);
    expect(seen.exact).toBeGreaterThan(10_000);
    expect(seen.rechecked).toBeGreaterThan(100);
    expect(seen.tooMany).toBeGreaterThan(10);

    function check(shop: Topology, plan: AwsPlan, message: Sent): void {
      const meant = route(shop, message.exchange, message);
      if (mustRoute(plan, message)) {
        expect(meant).toEqual([]);
        return;
      }
      const got = delivered(plan, message);
      const kept = got.filter((queue) => !needsRecheck(plan, message.exchange, queue) || meant.includes(queue));
      expect(kept).toEqual(meant);
      expect(Object.keys(attributesFor(plan, message.exchange, message)).length).toBeLessThanOrEqual(10);
      if (got.length > meant.length) seen.tooMany += 1;
      if (got.some((queue) => needsRecheck(plan, message.exchange, queue))) seen.rechecked += 1;
      else seen.exact += 1;
    }
  });
});
