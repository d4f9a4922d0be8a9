/** What vectors of other brokers do not hold: letters that AWS treats in its own way, types, ways through exchanges. */
import { planAws } from '../../../shared/cellar/aws/plan.ts';
import type { Headers } from '../../../shared/cellar/broker.ts';
import { type TopologyDeclaration, topology } from '../../../shared/cellar/topology.ts';
import type { PlannedSet } from './routing-vectors.ts';

const LETTERS = ['', 'a', ' ', 'a ', '"', '\\', '%', '%0022', 'ä', '😀', '\u0001', '=', ':', '*', '<&>', '{}', "'"];
const VALUES = [
  'eu',
  'EU',
  '8',
  8,
  8.5,
  true,
  'true',
  null,
  'null',
  '',
  '":"',
  '\\',
  [8],
  ['8'],
  { a: 1, b: [null] },
  '{"a":1}',
];

function hardSet(
  id: string,
  declaration: TopologyDeclaration,
  cases: readonly (readonly [string, Headers?])[],
): PlannedSet {
  const shop = topology(declaration);
  return {
    id,
    shop,
    plan: planAws(shop, id),
    problems: [],
    cases: cases.map(([routingKey, headers = {}]) => ({ exchange: 'events', routingKey, headers })),
  };
}

function queuesOf(count: number): Readonly<Record<string, object>> {
  return Object.fromEntries(Array.from({ length: count }, (_, place) => [`q${place}`, {}]));
}

const words: PlannedSet = hardSet(
  'words',
  {
    exchanges: { events: { type: 'topic' } },
    queues: queuesOf(LETTERS.length),
    bindings: LETTERS.flatMap((word, place) => [
      { exchange: 'events', queue: `q${place}`, key: `*.${word}.*.#` },
      { exchange: 'events', queue: `q${place}`, key: `#.end.${word}` },
      { exchange: 'events', queue: `q${place}`, key: `${word}.begin.#` },
    ]),
  },
  LETTERS.flatMap((word) => [[`x.${word}.x`], [`x.end.${word}`], [`${word}.begin`], [`${word}.begin.x.y`]]),
);

const headers: PlannedSet = hardSet(
  'headers',
  {
    exchanges: { events: { type: 'headers' } },
    queues: queuesOf(VALUES.length + 1),
    bindings: [
      ...VALUES.map((value, place) => ({ exchange: 'events', queue: `q${place}`, arguments: { 'größe ": x': value } })),
      {
        exchange: 'events',
        queue: `q${VALUES.length}`,
        arguments: { 'x-match': 'any-with-x', 'x-kind': 'a', constructor: null },
      },
    ],
  },
  [
    ...VALUES.map((value): [string, Headers] => ['', { 'größe ": x': value }]),
    ['', { 'x-kind': 'a' }],
    ['', { 'x-kind': 'b' }],
    ['', { constructor: 'b' }],
    ['', { constructor: 'long'.repeat(1_000) }],
    [''],
  ],
);

const ways: PlannedSet = hardSet(
  'ways',
  {
    exchanges: {
      events: { type: 'topic' },
      tagged: { type: 'headers' },
      one: { type: 'direct' },
      all: { type: 'fanout' },
    },
    queues: queuesOf(4),
    bindings: [
      { exchange: 'events', toExchange: 'tagged', key: 'order.#' },
      { exchange: 'events', toExchange: 'one', key: '#.a.#.b' },
      { exchange: 'events', toExchange: 'all', key: '*.*.*' },
      { exchange: 'tagged', queue: 'q0', arguments: { region: 'eu' } },
      { exchange: 'tagged', toExchange: 'all', arguments: { region: 'us' } },
      { exchange: 'all', toExchange: 'events' },
      { exchange: 'all', queue: 'q1' },
      { exchange: 'all', queue: 'q0' },
      { exchange: 'one', queue: 'q2', key: 'x.a.y.b' },
      { exchange: 'one', queue: 'q2', key: 'x.c.y.b' },
      { exchange: 'events', queue: 'q3', key: '#.a.#.b' },
    ],
  },
  [
    ['order'],
    ['order.paid', { region: 'eu' }],
    ['order.paid', { region: 'us' }],
    ['order.paid.fr'],
    ['x.a.y.b'],
    ['x.c.y.b'],
    ['a.b'],
    ['b.a'],
    [Array.from({ length: 31 }, (_, place) => `w${place}`).join('.')],
    [`a.${'w.'.repeat(100)}b`],
  ],
);

/** As much as a plan lets into one policy: 150 combinations, five keys. */
const limits: PlannedSet = hardSet(
  'limits',
  {
    exchanges: { events: { type: 'topic' } },
    queues: queuesOf(2),
    bindings: [
      ...Array.from({ length: 150 }, (_, place) => ({ exchange: 'events', queue: 'q0', key: `order.k${place}` })),
      ...['a', '#.b', '*.c.*', '#.d.*'].map((key) => ({ exchange: 'events', queue: 'q1', key })),
    ],
  },
  [['order.k0'], ['order.k149'], ['order.k150'], ['a'], ['x.b'], ['x.c.x'], ['x.y.d.x'], ['d.x'], ['x.c']],
);

export const hardCases: readonly PlannedSet[] = [words, headers, ways, limits];
