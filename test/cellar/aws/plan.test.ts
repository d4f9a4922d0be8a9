import { describe, expect, it } from '@jest/globals';
import { attributesFor, mustRoute, needsRecheck, planAws } from '../../../shared/cellar/aws/plan.ts';
import {
  type BindingDeclaration,
  type Topology,
  type TopologyDeclaration,
  topology,
} from '../../../shared/cellar/topology.ts';
import { caught } from '../routing/caught.ts';

const queues = { mail: {}, stock: { visibilityTimeoutSeconds: 90 } };

/** A topic exchange `events` with these keys, all to `mail`. */
function topicTo(keys: readonly string[]): Topology {
  const bindings = keys.map((key): BindingDeclaration => ({ exchange: 'events', queue: 'mail', key }));
  return topology({ exchanges: { events: { type: 'topic' } }, queues, bindings });
}

function policyOf(shop: Topology, queue = 'mail'): unknown {
  return planAws(shop, 'shop').subscriptions.find((each) => each.queue === queue)?.filterPolicy;
}

function problemsOf(declaration: TopologyDeclaration, prefix = 'shop'): readonly string[] {
  const error = caught(() => planAws(topology(declaration), prefix));
  expect(error.code).toBe('bad-topology');
  return error.problems;
}

describe('a plan', () => {
  it('has every queue, its dead-letter queue, the topics that lead to queues, and one subscription each', () => {
    const shop = topology({
      exchanges: { 'shop.events': { type: 'topic' }, all: { type: 'fanout' }, unbound: { type: 'fanout' } },
      queues,
      bindings: [
        { exchange: 'shop.events', queue: 'mail', key: 'order.paid' },
        { exchange: 'shop.events', queue: 'mail', key: 'order.sent' },
        { exchange: 'all', queue: 'stock' },
      ],
    });
    expect(planAws(shop, 'wine-dev')).toEqual({
      queues: [
        {
          queue: 'mail',
          queueName: 'wine-dev-mail.fifo',
          deadLetterQueueName: 'wine-dev-mail-dead.fifo',
          visibilityTimeoutSeconds: 30,
        },
        {
          queue: 'stock',
          queueName: 'wine-dev-stock.fifo',
          deadLetterQueueName: 'wine-dev-stock-dead.fifo',
          visibilityTimeoutSeconds: 90,
        },
      ],
      topics: [
        {
          exchange: 'shop.events',
          topicName: 'wine-dev-shop-events.fifo',
          attributes: [{ name: 'k', source: { kind: 'key' } }],
        },
        { exchange: 'all', topicName: 'wine-dev-all.fifo', attributes: [] },
      ],
      subscriptions: [
        {
          exchange: 'shop.events',
          queue: 'mail',
          filterPolicy: { k: ['=order.paid.', '=order.sent.'] },
          recheck: false,
        },
        { exchange: 'all', queue: 'stock', filterPolicy: undefined, recheck: false },
      ],
    });
  });

  it('has no topic for an exchange whose copies the publisher sends', () => {
    const shop = topology({
      exchanges: { events: { type: 'topic', via: 'publisher', alternate: 'rest' }, rest: { type: 'fanout' } },
      queues,
      bindings: [
        { exchange: 'events', queue: 'mail', key: 'a' },
        { exchange: 'rest', queue: 'stock' },
      ],
    });
    const plan = planAws(shop, 'shop');
    expect(plan.topics.map(({ exchange }) => exchange)).toEqual(['rest']);
    expect(mustRoute(plan, { exchange: 'events', headers: {} })).toBe(true);
    expect(attributesFor(plan, 'events', { routingKey: 'a', headers: {} })).toEqual({});
  });

  it('says that the publisher routes what attributes cannot say, and what no topic takes', () => {
    const plan = planAws(topicTo(['a']), 'shop');
    expect(mustRoute(plan, { exchange: 'events', headers: { region: 'eu' } })).toBe(false);
    expect(mustRoute(plan, { exchange: 'events', headers: { CC: ['b'] } })).toBe(true);
    expect(mustRoute(plan, { exchange: 'events', headers: { BCC: ['b'] } })).toBe(true);
    expect(mustRoute(plan, { exchange: '', headers: {} })).toBe(true);
    expect(mustRoute(plan, { exchange: 'unknown', headers: {} })).toBe(true);
  });
});

describe('a filter policy', () => {
  it.each<[string, unknown]>([
    ['order.paid', { k: ['=order.paid.'] }],
    ['order.#', { k: [{ prefix: '=order.' }] }],
    ['#.paid', { r: [{ prefix: '=paid.' }] }],
    ['order.*', { k: [{ prefix: '=order.' }], n: [{ numeric: ['=', 2] }] }],
    ['order.*.#', { k: [{ prefix: '=order.' }], n: [{ numeric: ['>=', 2] }] }],
    ['*.orange.*', { f1: ['=orange'], n: [{ numeric: ['=', 3] }] }],
    ['#.a.*', { b1: ['=a'] }],
    ['a.#.a', { k: [{ prefix: '=a.' }], r: [{ prefix: '=a.' }], n: [{ numeric: ['>=', 2] }] }],
    ['', { k: ['='] }],
    ['#', undefined],
    ['#.#', undefined],
    ['#.*.#', { n: [{ numeric: ['>=', 1] }] }],
    ['a."b".ü', { k: ['=a.%0022b%0022.%00fc.'] }],
  ])('of the topic pattern %p', (pattern, policy) => {
    expect(policyOf(topicTo([pattern]))).toEqual(policy);
  });

  it('is the union of all bindings, without those that another covers', () => {
    expect(policyOf(topicTo(['order.paid', 'order.#', '#.refund', 'stock.low', 'order.sent.*']))).toEqual({
      $or: [{ k: [{ prefix: '=order.' }, '=stock.low.'] }, { r: [{ prefix: '=refund.' }] }],
    });
    expect(policyOf(topicTo(['a.*', 'b.*', 'c.#']))).toEqual({
      $or: [{ k: [{ prefix: '=a.' }, { prefix: '=b.' }], n: [{ numeric: ['=', 2] }] }, { k: [{ prefix: '=c.' }] }],
    });
    expect(policyOf(topicTo(['a.b', '#', 'c.#.d.#']))).toBeUndefined();
  });

  it('of headers compares types as well as values, in an attribute for each header that is tested', () => {
    const shop = topology({
      exchanges: { events: { type: 'headers' } },
      queues,
      bindings: [
        { exchange: 'events', queue: 'mail', arguments: { region: 'eu', n: 8, 'x-skipped': 1 } },
        {
          exchange: 'events',
          queue: 'stock',
          arguments: { 'x-match': 'any-with-x', gift: null, 'x-kind': { b: 1, a: [true] } },
        },
      ],
    });
    expect(policyOf(shop)).toEqual({ h_region: ['=eu'], h_n: [':8'] });
    expect(policyOf(shop, 'stock')).toEqual({
      $or: [{ h_gift: [{ exists: true }] }, { 'h_x-kind': [':{%0022a%0022:[true],%0022b%0022:1}'] }],
    });
    const headers = { region: 'eu', n: '8', gift: null, other: 'not tested' };
    expect(attributesFor(planAws(shop, 'shop'), 'events', { routingKey: '', headers })).toEqual({
      h_region: { DataType: 'String', StringValue: '=eu' },
      h_n: { DataType: 'String', StringValue: '=8' },
      h_gift: { DataType: 'String', StringValue: ':null' },
    });
  });

  it('takes long headers by their hash, in names and values', () => {
    const [name, value] = ['ü'.repeat(100), 'long'.repeat(100)];
    const shop = topology({
      exchanges: { events: { type: 'headers' } },
      queues,
      bindings: [{ exchange: 'events', queue: 'mail', arguments: { [name]: value } }],
    });
    const [[attribute, rules] = ['', []]] = Object.entries(policyOf(shop) as object);
    expect(attribute).toMatch(/^h___[0-9a-f]{64}$/);
    expect(rules).toEqual([expect.stringMatching(/^__[0-9a-f]{64}$/)]);
    const plan = planAws(shop, 'shop');
    const read = (headers: object) => attributesFor(plan, 'events', { routingKey: '', headers: { ...headers } });
    expect(read({ [name]: value })[attribute]?.StringValue).toBe(rules[0]);
    expect(read({ [name]: `${value}.` })[attribute]?.StringValue).not.toBe(rules[0]);
  });

  it('holds all conditions of a way from exchange to exchange, and no way that contradicts itself', () => {
    const shop = topology({
      exchanges: { in: { type: 'topic' }, tagged: { type: 'headers' }, one: { type: 'direct' } },
      queues,
      bindings: [
        { exchange: 'in', toExchange: 'tagged', key: 'order.#' },
        { exchange: 'tagged', queue: 'mail', arguments: { region: 'eu' } },
        { exchange: 'tagged', toExchange: 'in', arguments: {} },
        { exchange: 'in', toExchange: 'one', key: '#.a.#.b' },
        { exchange: 'one', queue: 'stock', key: 'x.a.y.b' },
        { exchange: 'one', queue: 'mail', key: 'x.b' },
      ],
    });
    const ofIn = planAws(shop, 'shop').subscriptions.filter(({ exchange }) => exchange === 'in');
    expect(ofIn).toEqual([
      {
        exchange: 'in',
        queue: 'mail',
        filterPolicy: { k: [{ prefix: '=order.' }], h_region: ['=eu'] },
        recheck: false,
      },
      { exchange: 'in', queue: 'stock', filterPolicy: { k: ['=x.a.y.b.'] }, recheck: false },
    ]);
  });

  it('is rechecked only where words stand between two #, and nothing else lets all of it through', () => {
    const recheck = (keys: readonly string[]) => needsRecheck(planAws(topicTo(keys), 'shop'), 'events', 'mail');
    expect(recheck(['a.#.b.#'])).toBe(true);
    expect(recheck(['a.#.b'])).toBe(false);
    expect(recheck(['a.#.*.#.b'])).toBe(false);
    expect(recheck(['a.#.b.#', 'a.#'])).toBe(false);
    expect(recheck(['c', 'a.#.b.#'])).toBe(true);
    expect(needsRecheck(planAws(topicTo(['a.#.b.#']), 'shop'), 'events', 'stock')).toBe(false);
    expect(needsRecheck(planAws(topicTo(['a.#.b.#']), 'shop'), 'other', 'mail')).toBe(false);
  });
});

describe('planAws refuses', () => {
  const exchanges = { events: { type: 'topic' } } as const;
  const publisher = "; declare 'events' with via: 'publisher'";

  it('a pattern that needs more than five keys', () => {
    const bindings = [{ exchange: 'events', queue: 'mail', key: 'a.*.b.*.c.*.d.*.e' }];
    expect(problemsOf({ exchanges, queues, bindings })).toEqual([
      `exchange 'events' to queue 'mail': binding 1 ('a.*.b.*.c.*.d.*.e') needs 6 keys (k, f2, f4, f6, r, n) in a filter policy, allowed: 5${publisher}`,
    ]);
  });

  it('bindings that need more than five keys together', () => {
    const keys = ['a', '*.a.*', '*.*.a.*', '#.a.*', '#.a.*.*', '#.b'];
    const bindings = keys.map((key) => ({ exchange: 'events', queue: 'mail', key }));
    expect(problemsOf({ exchanges, queues, bindings })).toEqual([
      `exchange 'events' to queue 'mail': bindings 1 ('a'), 2 ('*.a.*'), 3 ('*.*.a.*') and 3 more need 7 keys (k, f1, n, f2, b1, b2, r) in a filter policy, allowed: 5${publisher}`,
    ]);
  });

  it('more than 150 combinations of values, and takes 150', () => {
    const direct = (count: number): TopologyDeclaration => ({
      exchanges: { events: { type: 'direct' } },
      queues,
      bindings: Array.from({ length: count }, (_, place) => ({ exchange: 'events', queue: 'mail', key: `k${place}` })),
    });
    expect(problemsOf(direct(151))).toEqual([
      `exchange 'events' to queue 'mail': bindings 1 ('k0'), 2 ('k1'), 3 ('k2') and 148 more need 151 combinations of values in a filter policy, allowed: 150${publisher}`,
    ]);
    expect(planAws(topology(direct(150)), 'shop').subscriptions).toHaveLength(1);
  });

  it('more than ten attributes of one message: SNS would drop it', () => {
    const names = Object.fromEntries(Array.from({ length: 11 }, (_, place) => [`q${place}`, {}]));
    const bindings = Object.keys(names).map((queue) => ({ exchange: 'events', queue, arguments: { [queue]: 1 } }));
    expect(problemsOf({ exchanges: { events: { type: 'headers' } }, queues: names, bindings })).toEqual([
      expect.stringMatching(
        /^exchange 'events': its bindings test 11 attributes \(h_q0, h_q1, .*\), allowed: 10; declare/,
      ),
    ]);
  });

  it('more than a hundred queues of one exchange', () => {
    const names = Object.fromEntries(Array.from({ length: 101 }, (_, place) => [`q${place}`, {}]));
    const bindings = Object.keys(names).map((queue) => ({ exchange: 'events', queue }));
    expect(problemsOf({ exchanges: { events: { type: 'fanout' } }, queues: names, bindings })).toEqual([
      `exchange 'events': leads to 101 queues, allowed: 100 of a FIFO topic${publisher}`,
    ]);
  });

  it('more ways from exchange to exchange than it will follow, in no long time', () => {
    const names = Array.from({ length: 10 }, (_, place) => `e${place}`);
    const toExchanges = names.flatMap((exchange) =>
      names
        .filter((toExchange) => toExchange !== exchange)
        .map((toExchange) => ({ exchange, toExchange, arguments: { [`${exchange}-${toExchange}`]: 1 } })),
    );
    const headers = { type: 'headers' } as const;
    const publisherOnly = { ...headers, via: 'publisher' } as const;
    const others = Object.fromEntries(names.slice(1).map((name) => [name, publisherOnly]));
    const bindings = [...toExchanges, { exchange: 'e9', queue: 'mail', arguments: { last: 1 } }];
    const started = performance.now();
    expect(problemsOf({ exchanges: { e0: headers, ...others }, queues, bindings })).toContain(
      "exchange 'e0': more than 2000 ways lead through its bindings to other exchanges, allowed: 2000; declare 'e0' with via: 'publisher'",
    );
    expect(performance.now() - started).toBeLessThan(10_000);
  });

  it('an alternate, of the exchange and of those behind it', () => {
    const problems = problemsOf({
      exchanges: {
        events: { type: 'fanout', alternate: 'rest' },
        rest: { type: 'fanout' },
        before: { type: 'fanout' },
      },
      queues,
      bindings: [
        { exchange: 'events', queue: 'mail' },
        { exchange: 'before', toExchange: 'events' },
      ],
    });
    expect(problems).toEqual([
      `exchange 'events': has the alternate 'rest', and no filter policy can say 'what none matched'${publisher}`,
      "exchange 'before': has the alternate 'rest' behind its binding to 'events', and no filter policy can say 'what none matched'; declare 'before' with via: 'publisher'",
    ]);
  });

  it('names that are too long or taken on AWS, and a bad prefix', () => {
    const long = 'q'.repeat(66);
    expect(problemsOf({ queues: { 'mail-dead': {}, mail: {}, [long]: {} } })).toEqual([
      "queue 'mail-dead': its name on AWS, shop-mail-dead.fifo, is that of the dead-letter queue of 'mail'",
      `queue '${long}': the name of its dead-letter queue, shop-${long}-dead.fifo, has 81 characters, allowed: 80 (SQS)`,
    ]);
    expect(planAws(topology({ queues: { [long.slice(1)]: {} } }), 'shop').queues).toHaveLength(1);
    expect(problemsOf({ queues }, 'Shop')).toEqual([
      "the prefix is 'Shop', allowed: a lower-case letter, then at most 23 of a-z 0-9 -",
    ]);
  });

  it('everything at once', () => {
    expect(
      problemsOf({
        exchanges: { ...exchanges, other: { type: 'topic' } },
        queues: { ...queues, 'mail-dead': {} },
        bindings: ['events', 'other'].map((exchange) => ({ exchange, queue: 'mail', key: 'a.*.b.*.c.*.d.*.e' })),
      }),
    ).toEqual([
      expect.stringContaining("queue 'mail-dead'"),
      expect.stringContaining("exchange 'events'"),
      expect.stringContaining("exchange 'other'"),
    ]);
  });
});
