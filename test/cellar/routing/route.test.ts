import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesTopic } from '../../../shared/cellar/routing/matches-topic.ts';
import { route } from '../../../shared/cellar/routing/route.ts';
import { type BindingDeclaration, type ExchangeType, topology } from '../../../shared/cellar/topology.ts';
import { caught } from './caught.ts';

interface VectorSet {
  readonly id: string;
  readonly exchange_type?: ExchangeType;
  readonly bindings: readonly { queue: string; key: string; args?: Readonly<Record<string, unknown>> }[];
  readonly cases: readonly {
    routing_key: string;
    headers?: Readonly<Record<string, unknown>> | null;
    expect: readonly string[];
  }[];
}

function setsOf(file: string): readonly VectorSet[] {
  return JSON.parse(readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8')).sets;
}

/** The vectors name queues as they like and bind some twice: here each gets a name that a queue may have. */
function declared(set: VectorSet, type: ExchangeType) {
  const names = [...new Set(set.bindings.map(({ queue }) => queue))];
  const aliases = new Map(names.map((name, place) => [name, `queue-${place}`]));
  const alias = (name: string): string => aliases.get(name) ?? name;
  const bindings = set.bindings.map(({ queue, key, args }): BindingDeclaration => {
    const base = { exchange: 'events', queue: alias(queue), key };
    return type === 'headers' ? { ...base, arguments: args ?? {} } : base;
  });
  const distinct = new Map(bindings.map((binding) => [JSON.stringify(binding), binding]));
  const queues = Object.fromEntries([...aliases.values()].map((name) => [name, {}]));
  return { alias, shop: topology({ exchanges: { events: { type } }, queues, bindings: [...distinct.values()] }) };
}

function expectVectors(set: VectorSet, type: ExchangeType): void {
  const { alias, shop } = declared(set, type);
  const answers = set.cases.map(({ routing_key: routingKey, headers }) => ({
    routingKey,
    queues: [...route(shop, 'events', { routingKey, headers: headers ?? {} })].sort(),
  }));
  const expected = set.cases.map((each) => ({
    routingKey: each.routing_key,
    queues: each.expect.map(alias).sort(),
  }));
  expect(answers).toEqual(expected);
}

const keyOf = fc
  .array(fc.constantFrom('a', 'b', 'c', '', '*', '#'), { maxLength: 5 })
  .map((words: readonly string[]) => words.join('.'));

describe('route by the vectors of other brokers', () => {
  it.each(setsOf('topic.json').map((set) => [set.id, set] as const))('topic %s', (_id, set) => {
    expectVectors(set, 'topic');
  });

  it.each(setsOf('exchange.json').map((set) => [set.id, set] as const))('%s', (_id, set) => {
    expectVectors(set, set.exchange_type ?? 'direct');
  });
});

describe('route', () => {
  const queues = { mail: {}, stock: {}, audit: {} };

  it('finds with many patterns in one index what each finds alone', () => {
    fc.assert(
      fc.property(fc.uniqueArray(keyOf, { minLength: 1, maxLength: 30 }), keyOf, (patterns, routingKey) => {
        const names = patterns.map((_, place) => `q${place}`);
        const shop = topology({
          exchanges: { events: { type: 'topic' } },
          queues: Object.fromEntries(names.map((name) => [name, {}])),
          bindings: patterns.map((key, place) => ({ exchange: 'events', queue: `q${place}`, key })),
        });
        const alone = names.filter((_, place) => matchesTopic(patterns[place] ?? '', routingKey));
        expect(route(shop, 'events', { routingKey })).toEqual(alone);
      }),
      { numRuns: 1_000 },
    );
  });

  it('reaches every queue by its name through the default exchange', () => {
    const shop = topology({ queues });
    expect(route(shop, '', { routingKey: 'stock' })).toEqual(['stock']);
    expect(route(shop, '', { routingKey: 'constructor' })).toEqual([]);
    expect(route(shop, '', { routingKey: 'stock', headers: { CC: ['mail', 'stock', 'none'] } })).toEqual([
      'mail',
      'stock',
    ]);
  });

  it('answers each queue once, in the order in which queues are declared', () => {
    const shop = topology({
      exchanges: { events: { type: 'topic' } },
      queues,
      bindings: [
        { exchange: 'events', queue: 'audit', key: '#' },
        { exchange: 'events', queue: 'stock', key: 'order.*' },
        { exchange: 'events', queue: 'mail', key: 'order.#' },
        { exchange: 'events', queue: 'mail', key: '*.paid' },
      ],
    });
    expect(route(shop, 'events', { routingKey: 'order.paid' })).toEqual(['mail', 'stock', 'audit']);
  });

  it('adds the keys of CC and BCC, and refuses what is no array of strings', () => {
    const shop = topology({
      exchanges: { events: { type: 'direct' } },
      queues,
      bindings: Object.keys(queues).map((queue) => ({ exchange: 'events', queue, key: queue })),
    });
    const headers = { CC: ['audit'], BCC: ['stock'] };
    expect(route(shop, 'events', { routingKey: 'mail', headers })).toEqual(['mail', 'stock', 'audit']);
    for (const bad of ['mail', [1], null, {}]) {
      expect(caught(() => route(shop, 'events', { routingKey: 'mail', headers: { BCC: bad } }))).toMatchObject({
        code: 'bad-arguments',
        message: expect.stringContaining('header BCC'),
      });
    }
  });

  it('hands on to the alternate exchange only what no binding matched, from one alternate to the next', () => {
    const shop = topology({
      exchanges: {
        events: { type: 'direct', alternate: 'second' },
        second: { type: 'topic', alternate: 'last' },
        last: { type: 'fanout' },
      },
      queues,
      bindings: [
        { exchange: 'events', queue: 'mail', key: 'paid' },
        { exchange: 'second', queue: 'stock', key: 'stock.*' },
        { exchange: 'last', queue: 'audit' },
      ],
    });
    expect(route(shop, 'events', { routingKey: 'paid' })).toEqual(['mail']);
    expect(route(shop, 'events', { routingKey: 'stock.low' })).toEqual(['stock']);
    expect(route(shop, 'events', { routingKey: 'other' })).toEqual(['audit']);
  });

  it('follows bindings between exchanges, with one copy per queue, and out of circles', () => {
    const shop = topology({
      exchanges: { in: { type: 'topic' }, left: { type: 'fanout' }, right: { type: 'direct', alternate: 'left' } },
      queues,
      bindings: [
        { exchange: 'in', toExchange: 'left', key: 'a.#' },
        { exchange: 'in', toExchange: 'right', key: '#.b' },
        { exchange: 'left', toExchange: 'in' },
        { exchange: 'left', queue: 'mail' },
        { exchange: 'right', queue: 'mail', key: 'a.b' },
        { exchange: 'right', queue: 'audit', key: 'a.b' },
      ],
    });
    expect(route(shop, 'in', { routingKey: 'a.b' })).toEqual(['mail', 'audit']);
    expect(route(shop, 'in', { routingKey: 'c.b' })).toEqual(['mail']);
    expect(route(shop, 'in', { routingKey: 'c' })).toEqual([]);
  });

  it('names the exchange that was probably meant', () => {
    const shop = topology({ exchanges: { 'shop.events': { type: 'fanout' } }, queues });
    expect(caught(() => route(shop, 'shop.event', { routingKey: '' }))).toMatchObject({
      code: 'unknown-exchange',
      message: "unknown exchange 'shop.event', did you mean 'shop.events', declared: shop.events",
    });
  });
});

describe('route through a headers exchange', () => {
  const reached = (wanted: Readonly<Record<string, unknown>>, headers: Readonly<Record<string, unknown>>): boolean => {
    const bindings = [{ exchange: 'events', queue: 'q', arguments: wanted }];
    const shop = topology({ exchanges: { events: { type: 'headers' } }, queues: { q: {} }, bindings });
    return route(shop, 'events', { routingKey: '', headers }).length === 1;
  };

  it('compares types as well as values, and nested values in any order of keys', () => {
    expect(reached({ n: 8 }, { n: '8' })).toBe(false);
    expect(reached({ table: { a: 1, b: [1, { c: 2 }] } }, { table: { b: [1, { c: 2 }], a: 1 } })).toBe(true);
    expect(reached({ table: { a: 1 } }, { table: '{"a":1}' })).toBe(false);
    expect(reached({ list: [1, 2] }, { list: [2, 1] })).toBe(false);
  });

  it('looks at names that begin with x- only with all-with-x and any-with-x', () => {
    expect(reached({ 'x-kind': 'a' }, {})).toBe(true);
    expect(reached({ 'x-match': 'any', 'x-kind': 'a' }, { 'x-kind': 'a' })).toBe(false);
    expect(reached({ 'x-match': 'all-with-x', 'x-kind': 'a' }, { 'x-kind': 'b' })).toBe(false);
    expect(reached({ 'x-match': 'any-with-x', 'x-kind': 'a' }, { 'x-kind': 'a' })).toBe(true);
  });

  it('matches everything with all of nothing, nothing with any of nothing', () => {
    expect(reached({}, { a: 1 })).toBe(true);
    expect(reached({ 'x-match': 'any' }, { a: 1 })).toBe(false);
  });

  it('finds with many bindings in one index what a look at each finds', () => {
    const value = fc.constantFrom<unknown>(1, '1', true, null, { a: 1 }, [1]);
    const table = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'x-d', 'toString'), value, { maxKeys: 4 });
    const mode = fc.constantFrom('all', 'any', 'all-with-x', 'any-with-x');
    const equal = (left: unknown, right: unknown): boolean => JSON.stringify(left) === JSON.stringify(right);
    const matches = (wanted: object, how: string, headers: Readonly<Record<string, unknown>>): boolean => {
      const tests = Object.entries(wanted)
        .filter(([name]) => how.endsWith('-x') || !name.startsWith('x-'))
        .map(([name, want]) => Object.hasOwn(headers, name) && (want === null || equal(want, headers[name])));
      return how.startsWith('all') ? tests.every(Boolean) : tests.some(Boolean);
    };
    fc.assert(
      fc.property(fc.array(fc.tuple(table, mode), { minLength: 1, maxLength: 12 }), table, (wanted, headers) => {
        const names = wanted.map((_, place) => `q${place}`);
        const shop = topology({
          exchanges: { events: { type: 'headers' } },
          queues: Object.fromEntries(names.map((name) => [name, {}])),
          bindings: wanted.map(([args, how], place) => ({
            exchange: 'events',
            queue: `q${place}`,
            arguments: { ...args, 'x-match': how },
          })),
        });
        const expected = names.filter((_, place) => {
          const [args, how] = wanted[place] ?? [{}, 'any'];
          return matches(args, how, headers);
        });
        expect(route(shop, 'events', { routingKey: '', headers })).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });
});
