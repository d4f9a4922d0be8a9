import { describe, expect, it } from '@jest/globals';
import { crontab, every } from '../../shared/cellar/schedule.ts';
import type { Signature } from '../../shared/cellar/signature.ts';
import { QUEUE_DEFAULTS, type TopologyDeclaration, topology } from '../../shared/cellar/topology.ts';
import { caught } from './routing/caught.ts';

function signature(queue: string): Signature<unknown> {
  return {
    task: 'shop.clean',
    args: [{ days: [1] }],
    kwargs: {},
    options: { queue },
    immutable: false,
    complete: true,
  };
}

/** The problems of a declaration as a program without types could write it. */
function problemsOf(declaration: object): readonly string[] {
  const error = caught(() => topology(declaration as TopologyDeclaration));
  expect(error.code).toBe('bad-topology');
  return error.problems;
}

const events = { events: { type: 'topic' } } as const;
const queues = { mail: {}, stock: {} };

describe('topology', () => {
  it('fills in every default', () => {
    const shop = topology({
      exchanges: { events: { type: 'headers' } },
      queues: { mail: { maxDeliveries: 2 } },
      bindings: [{ exchange: 'events', queue: 'mail' }],
    });
    expect(shop).toEqual({
      exchanges: { events: { type: 'headers' } },
      queues: { mail: { ...QUEUE_DEFAULTS, maxDeliveries: 2 } },
      bindings: [{ exchange: 'events', queue: 'mail', key: '', arguments: { 'x-match': 'all' } }],
      schedules: {},
    });
  });

  it('is frozen to the last value and leaves the declaration as it was', () => {
    const wanted = { table: { list: [1] } };
    const shop = topology({
      exchanges: { events: { type: 'headers' } },
      queues: { mail: {} },
      bindings: [{ exchange: 'events', queue: 'mail', arguments: wanted }],
      schedules: { clean: { schedule: every('1d'), task: signature('mail') } },
    });
    const unfrozen: string[] = [];
    const visit = (value: unknown, path: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if (!Object.isFrozen(value)) unfrozen.push(path);
      for (const [key, entry] of Object.entries(value)) visit(entry, `${path}.${key}`);
    };
    visit(shop, 'topology');
    expect(unfrozen).toEqual([]);
    expect([wanted, wanted.table, wanted.table.list].some(Object.isFrozen)).toBe(false);
    wanted.table.list.push(2);
    expect(shop.bindings[0]?.arguments).toEqual({ 'x-match': 'all', table: { list: [1] } });
  });

  it('has nothing but what was declared under the names of Object', () => {
    const shop = topology({ queues: { constructor: {} } });
    expect(shop.queues.constructor).toEqual(QUEUE_DEFAULTS);
    expect('toString' in shop.queues).toBe(false);
  });

  it('leaves it to SNS how copies reach queues on AWS, unless the publisher is to send them', () => {
    const shop = topology({
      exchanges: { events: { type: 'topic' }, orders: { type: 'topic', via: 'publisher' } },
      queues,
    });
    expect(shop.exchanges).toEqual({ events: { type: 'topic' }, orders: { type: 'topic', via: 'publisher' } });
    expect(problemsOf({ exchanges: { events: { type: 'topic', via: 'publsher' } }, queues })).toEqual([
      "exchange 'events': via is \"publsher\", did you mean 'publisher', allowed: sns, publisher",
    ]);
  });

  it('takes exchanges that are bound in a circle, keys on fanout, and empty arguments anywhere', () => {
    const shop = topology({
      exchanges: { a: { type: 'fanout', alternate: 'b' }, b: { type: 'direct', alternate: 'a' } },
      queues,
      bindings: [
        { exchange: 'a', toExchange: 'b', key: 'ignored' },
        { exchange: 'b', toExchange: 'a', arguments: {} },
      ],
    });
    expect(shop.bindings).toEqual([
      { exchange: 'a', toExchange: 'b', key: 'ignored' },
      { exchange: 'b', toExchange: 'a', key: '' },
    ]);
  });

  it('reports all problems at once', () => {
    const problems = problemsOf({
      exchanges: { events: { type: 'topik', alternate: 'event' } },
      queues: { mail: { maxDeliveries: 0 } },
      bindings: [{ exchange: 'evnts', queue: 'maill' }],
      schedules: { clean: { schedule: { kind: 'every', periodMs: -1 }, task: signature('stock') } },
    });
    expect(problems).toEqual([
      "exchange 'events': type is \"topik\", did you mean 'topic', allowed: direct, fanout, topic, headers",
      "exchange 'events': alternate names unknown exchange 'event', did you mean 'events', declared: events",
      "queue 'mail': maxDeliveries is 0, allowed: a whole number from 1 to 1000",
      "binding 1 ('evnts' to 'maill'): unknown exchange 'evnts', did you mean 'events', declared: events",
      "binding 1 ('evnts' to 'maill'): unknown queue 'maill', did you mean 'mail', declared: mail",
      "schedule 'clean': periodMs is -1, allowed: a whole number above 0",
      "schedule 'clean': unknown queue 'stock', declared: mail",
    ]);
  });

  it.each([
    ['', 'bad queue name'],
    ['a'.repeat(76), 'bad queue name'],
    ['mail box', 'bad queue name'],
    ['größe', 'bad queue name'],
    ['amq.mail', "begin with 'amq.' are reserved"],
    ['cellar.delay.mail', "begin with 'cellar.delay' are reserved"],
  ])('refuses a queue named %p', (name, reason) => {
    expect(problemsOf({ queues: { [name]: {} } })).toEqual([expect.stringContaining(reason)]);
  });

  it('refuses an exchange that is named like the default one or is reserved', () => {
    const problems = problemsOf({ exchanges: { '': { type: 'topic' }, 'amq.topic': { type: 'topic' } }, queues });
    expect(problems).toEqual([
      expect.stringContaining("bad exchange name ''"),
      expect.stringContaining("bad exchange name 'amq.topic'"),
    ]);
  });

  it('says which names collide by letter case and which on AWS', () => {
    expect(problemsOf({ queues: { 'order.mail': {}, 'order-mail': {}, 'Order.Mail': {}, other: {} } })).toEqual([
      "duplicate queue 'order-mail': on AWS, where '.' becomes '-', it is the same as 'order.mail'",
      "duplicate queue 'Order.Mail': differs from 'order.mail' by letter case only",
    ]);
  });

  it.each([
    [{ exchange: 'events' }, 'has neither queue nor toExchange'],
    [{ exchange: 'events', queue: 'mail', toExchange: 'events' }, "has both queue 'mail' and toExchange 'events'"],
    [{ exchange: '', queue: 'mail' }, "the default exchange '' cannot be bound"],
    [{ exchange: 'events', queue: 'mail', key: 'ä'.repeat(128) }, 'has 256 bytes'],
    [{ exchange: 'events', queue: 'mail', key: 7 }, 'key is 7, allowed: a string'],
    [{ exchange: 'events', queue: 'mail', arguments: { a: 1 } }, 'only on a headers exchange, not on a topic one'],
    [{ exchange: 'events', queue: 'mail', routingKey: 'a' }, "unknown key 'routingKey'"],
    [{ exchange: 'events', queue: 'mail', kye: 'a' }, "did you mean 'key'"],
    [{ exchange: 'table', queue: 'mail', arguments: { 'x-match': 'eny' } }, 'x-match is "eny", did you mean \'any\''],
    [{ exchange: 'table', queue: 'mail', arguments: { a: undefined } }, "argument 'a' is undefined"],
  ])('refuses the binding %j', (binding, reason) => {
    const exchanges = { ...events, table: { type: 'headers' } };
    expect(problemsOf({ exchanges, queues, bindings: [binding] })).toEqual([expect.stringContaining(reason)]);
  });

  it('takes a binding key of 255 bytes', () => {
    const key = `${'ä'.repeat(127)}b`;
    const shop = topology({ exchanges: events, queues, bindings: [{ exchange: 'events', queue: 'mail', key }] });
    expect(shop.bindings[0]?.key).toBe(key);
  });

  it('refuses a binding that is there already, defaults and order of arguments set aside', () => {
    const problems = problemsOf({
      exchanges: { ...events, table: { type: 'headers' } },
      queues,
      bindings: [
        { exchange: 'events', queue: 'mail' },
        { exchange: 'events', queue: 'mail', key: '' },
        { exchange: 'events', queue: 'mail', key: 'other' },
        { exchange: 'table', queue: 'mail', arguments: { a: 1, b: 2 } },
        { exchange: 'table', queue: 'mail', arguments: { b: 2, 'x-match': 'all', a: 1 } },
        { exchange: 'table', queue: 'mail', arguments: { b: 2, 'x-match': 'any', a: 1 } },
      ],
    });
    expect(problems).toEqual([
      "binding 2 ('events' to 'mail'): duplicate of binding 1",
      "binding 5 ('table' to 'mail'): duplicate of binding 4",
    ]);
  });

  it.each([
    ['visibilityTimeoutSeconds', 0],
    ['visibilityTimeoutSeconds', 43_201],
    ['visibilityTimeoutSeconds', 1.5],
    ['maxDeliveries', 1_001],
    ['maxDeliveries', '5'],
  ])('refuses a queue with %s %p', (key, value) => {
    expect(problemsOf({ queues: { mail: { [key]: value } } })).toEqual([
      expect.stringContaining(`queue 'mail': ${key} is ${JSON.stringify(value)}, allowed: a whole number from 1 to`),
    ]);
  });

  it('hints at the key that was meant in every declaration', () => {
    const problems = problemsOf({
      exchange: {},
      exchanges: { events: { type: 'topic', alternat: 'x' } },
      queues: { mail: { maxDelivery: 3 } },
      schedules: { clean: { schedule: every(1), task: signature('mail'), queu: 'mail' } },
    });
    expect(problems).toEqual([
      expect.stringContaining("did you mean 'exchanges'"),
      expect.stringContaining("did you mean 'alternate'"),
      expect.stringContaining("did you mean 'maxDeliveries'"),
      expect.stringContaining("did you mean 'queue'"),
    ]);
  });

  it('refuses periodic tasks that could not be sent', () => {
    const task = signature('mail');
    const problems = problemsOf({
      queues,
      schedules: {
        '': { schedule: every(1), task },
        elsewhere: { schedule: every(1), task, queue: 'none' },
        never: { schedule: { ...crontab(), dayOfMonth: '31', monthOfYear: '4', timeZone: 'Mars/Base' }, task },
        partial: { schedule: every(1), task: { ...task, complete: false } },
        ruleless: { task },
        taskless: { schedule: every(1) },
        unknown: { schedule: { kind: 'evry' }, task },
      },
    });
    expect(problems).toEqual([
      expect.stringContaining("bad schedule name ''"),
      expect.stringContaining("schedule 'elsewhere': unknown queue 'none'"),
      expect.stringContaining("schedule 'never': timeZone is 'Mars/Base'"),
      expect.stringContaining("schedule 'never': dayOfMonth '31' never occurs"),
      expect.stringContaining("schedule 'partial': task 'shop.clean' lacks arguments"),
      expect.stringContaining("schedule 'ruleless': schedule is undefined"),
      expect.stringContaining("schedule 'taskless': task is undefined"),
      expect.stringContaining("schedule 'unknown': unknown kind of schedule 'evry', did you mean 'every'"),
    ]);
  });

  it.each([
    [{}, 'queues is undefined'],
    [{ queues: [] }, 'queues is []'],
    [{ queues: { mail: null } }, "queues: 'mail' is null"],
    [{ queues, bindings: {} }, 'bindings is {}'],
    [{ queues, bindings: ['mail'] }, 'bindings: \'0\' is "mail"'],
  ])('says what has not even the right shape: %j', (declaration, reason) => {
    expect(problemsOf(declaration)).toEqual([expect.stringContaining(reason)]);
  });

  it('takes the kind of a queue from what it asks for', () => {
    const { queues } = topology({
      queues: { plain: {}, urgent: { maxPriority: 9 }, own: { type: 'classic', ordered: true } },
    });
    expect(queues['plain']).toMatchObject({ type: 'quorum', ordered: false, maxPriority: 0 });
    expect(queues['urgent']).toMatchObject({ type: 'classic', maxPriority: 9 });
    expect(queues['own']).toMatchObject({ type: 'classic', ordered: true });
  });

  it.each([
    ['a kind that there is not', { type: 'stream' }, 'type is "stream", allowed: quorum, classic'],
    ['priorities of a quorum queue', { type: 'quorum', maxPriority: 5 }, 'allowed with it: "classic"'],
    ['priorities of an ordered queue', { ordered: true, maxPriority: 5 }, 'allowed: one of them'],
    ['too high a priority', { maxPriority: 10 }, 'maxPriority is 10, allowed: a whole number from 0 to 9'],
    ['an order that is no truth value', { ordered: 'yes' }, 'ordered is "yes", allowed: true or false'],
    ['an elsewhere that is no truth value', { elsewhere: 1 }, 'elsewhere is 1, allowed: true or false'],
  ])('refuses %s', (_what, queue, problem) => {
    expect(() => topology({ queues: { mail: queue as never } })).toThrow(problem);
  });
});
