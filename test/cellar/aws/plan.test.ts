import { describe, expect, it } from '@jest/globals';
import { attributesFor, mustRoute, needsRecheck, planAws } from '../../../shared/cellar/aws/plan.ts';
import { type BindingDeclaration, type Topology, topology } from '../../../shared/cellar/topology.ts';

const queues = { mail: {}, stock: { visibilityTimeoutSeconds: 90 } };

/** A topic exchange `events` with these keys, all to `mail`. */
function topicTo(keys: readonly string[]): Topology {
  const bindings = keys.map((key): BindingDeclaration => ({ exchange: 'events', queue: 'mail', key }));
  return topology({ exchanges: { events: { type: 'topic' } }, queues, bindings });
}

function policyOf(shop: Topology, queue = 'mail'): unknown {
  return planAws(shop, 'shop').subscriptions.find((each) => each.queue === queue)?.filterPolicy;
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

  it('keeps a branch beside one that tests less, as long as that one is rechecked', () => {
    expect(policyOf(topicTo(['x.*.#', '#.a.b.#']))).toEqual({
      $or: [{ k: [{ prefix: '=x.' }], n: [{ numeric: ['>=', 2] }] }, { n: [{ numeric: ['>=', 2] }] }],
    });
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

  it('loses no exact way between exchanges to one that lets more through', () => {
    const shop = topology({
      exchanges: { in: { type: 'topic' }, one: { type: 'direct', via: 'publisher' } },
      queues,
      bindings: [
        { exchange: 'in', toExchange: 'one', key: '#.a.#' },
        { exchange: 'in', toExchange: 'one', key: '*' },
        { exchange: 'one', queue: 'mail', key: 'b' },
      ],
    });
    expect(policyOf(shop)).toEqual({ k: ['=b.'] });
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
