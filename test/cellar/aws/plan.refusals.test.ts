import { describe, expect, it } from '@jest/globals';
import { planAws } from '../../../shared/cellar/aws/plan.ts';
import { type TopologyDeclaration, topology } from '../../../shared/cellar/topology.ts';
import { caught } from '../routing/caught.ts';

const queues = { mail: {}, stock: {} };

function problemsOf(declaration: TopologyDeclaration, prefix = 'shop'): readonly string[] {
  const error = caught(() => planAws(topology(declaration), prefix));
  expect(error.code).toBe('bad-topology');
  return error.problems;
}

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
