/**
 * What this library sends, beside what Celery 5.6.3 sent when it was asked for the same: the same keys, types and values.
 *
 * What differs, and why:
 * - ids, clocks and host names are those of each run; ids are compared by where they occur again
 * - `lang` is `js`
 * - times have milliseconds, not microseconds, and always an offset: a Python datetime may have none
 * - AMQP's `expiration` is never set: the broker would drop the message, and its state would stay PENDING for ever
 * - signatures say their queue (`options.queue`): a contract knows it, and whoever sends the signature on may not
 * - `argsrepr` and `kwargsrepr` show lists, where Python had tuples; bytes are shown by their number
 * - bzip2 is read, and not written: Node has no compressor for it
 */
import { readFileSync } from 'node:fs';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { Cellar, chain, chord, chunks, group, map, starmap, Tagged, task, type Work, withOptions } from 'cellar';
import * as z from 'zod/mini';
import type { OutgoingMessage } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { topology } from '../../../shared/cellar/topology.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';

interface Captured {
  readonly properties: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

function read(name: string): Readonly<Record<string, readonly Captured[]>> {
  return JSON.parse(readFileSync(new URL(`../../golden/${name}.json`, import.meta.url), 'utf8'));
}

const golden = { ...read('amqp-task-messages'), ...read('amqp-chord-messages-redis') };

const number = z.number();
const add = task('proj.tasks.add', { params: { x: z.unknown(), y: number }, returns: number });
const one = task('proj.tasks.add', { params: { x: number }, returns: number });
const named = task('proj.tasks.add', { params: { first: z.optional(number), x: number, y: z.string() } });
const any = task('proj.tasks.any', {
  params: { a: z.date(), b: z.unknown(), c: z.unknown(), d: z.unknown(), e: z.unknown() },
});
const xsum = task('proj.tasks.xsum', { params: { numbers: z.array(number) }, returns: number });
const onerr = task('proj.tasks.onerr', { params: { id: z.string() } });

const ID = '11111111-1111-4111-8111-111111111111';
const taskId = ID;
const plus = (y: number) => add.partial({ y });
const pairs = (count: number) => Array.from({ length: count }, (_, x) => ({ x, y: x }));

/** What was asked of Celery for each capture, in this library's words. */
const asked: Readonly<Record<string, Work>> = {
  delay: add({ x: 2, y: 2 }, { taskId }),
  kwargs: named({ x: 2, y: 'é ☃' }, { taskId }),
  countdown: add({ x: 2, y: 2 }, { taskId, countdown: 10 }),
  eta_aware: add({ x: 2, y: 2 }, { taskId, eta: new Date('2030-01-02T03:04:05.678Z') }),
  eta_naive: add({ x: 2, y: 2 }, { taskId, eta: new Date('2030-01-02T03:04:05Z') }),
  expires_seconds: add({ x: 2, y: 2 }, { taskId, expires: 60 }),
  expires_datetime: add({ x: 2, y: 2 }, { taskId, expires: new Date('2030-01-02T03:04:05Z') }),
  options: add(
    { x: 2, y: 2 },
    {
      ...{ taskId, queue: 'mail', shadow: 'nice.name', priority: 5, ignoreResult: true },
      ...{ timeLimitSeconds: 30, softTimeLimitSeconds: 20, headers: { 'x-tenant': 'wine', n: 1 } },
    },
  ),
  zlib: add({ x: 2, y: 2 }, { taskId, compression: 'zlib' }),
  link: add(
    { x: 2, y: 2 },
    {
      taskId,
      link: [withOptions(plus(10), { taskId: 'aaaaaaaa-0000-4000-8000-000000000001' })],
      linkError: [onerr.partial({})],
    },
  ),
  link_immutable: add({ x: 2, y: 2 }, { taskId, link: [add({ x: 10, y: 1 })] }),
  chain: withOptions(chain(add({ x: 2, y: 2 }), plus(4), plus(8)), { taskId }),
  chain_linkerr: withOptions(chain(add({ x: 2, y: 2 }), plus(4)), { linkError: [onerr.partial({})] }),
  group: group(pairs(3).map((pair) => add(pair))),
  chunks: chunks(add, pairs(6), 3),
  map: map(one, [{ x: 1 }, { x: 2 }]),
  starmap: starmap(add, [
    { x: 1, y: 2 },
    { x: 3, y: 4 },
  ]),
  stamped: add({ x: 1, y: 2 }, { taskId, stamps: { monitoring_id: 'abc' } }),
  send_task_dates: any(
    {
      a: new Date('2030-01-02T03:04:05Z'),
      b: new Tagged('date', '2030-01-02'),
      c: new Tagged('decimal', '1.50'),
      d: new Tagged('uuid', ID),
      e: Uint8Array.of(0, 1),
    },
    { taskId },
  ),
  chord: chord([add({ x: 1, y: 1 }), add({ x: 2, y: 2 })], xsum.partial({})),
  group_to_chain: chain(group([add({ x: 1, y: 1 }), add({ x: 2, y: 2 })]), xsum.partial({}), plus(1)),
  chord_with_chain_member: withOptions(
    chord([add({ x: 1, y: 1 }), chain(add({ x: 2, y: 2 }), plus(3))], xsum.partial({})),
    { linkError: [onerr.partial({})] },
  ),
};

/** Celery's worker and producer were not asked for these, or the answer is among the differences. */
const NOT_SENT = ['bzip2'];

async function sent(work: Work): Promise<readonly OutgoingMessage[]> {
  const runtime = manualRuntime(manualClock(Date.parse('2026-11-22T14:32:22.240Z')));
  const memory = await openMemory({ runtime });
  const messages: OutgoingMessage[] = [];
  const { results } = memory;
  const heard = Object.assign(Object.create(results), { replyTo: 'a-queue' });
  const broker = {
    ...memory.broker,
    capabilities: memory.broker.capabilities,
    declare: async () => undefined,
    async publish(some: readonly OutgoingMessage[]) {
      messages.push(...some);
      return some.map(({ routingKey }) => ({ status: 'accepted' as const, queues: [routingKey] }));
    },
  };
  const cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: 'memory:' }),
    topology: topology({ queues: { celery: {}, mail: {} } }),
    runtime,
    backend: { ...memory, broker: Object.assign(Object.create(memory.broker), broker), results: heard },
  });
  // Each of them is complete, which the compiler cannot tell of a list of cases.
  await cellar.send(work as ReturnType<typeof add>);
  return messages;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?$/;

/** Ids by the order in which they occur, times to the second; without what is said to differ. */
function comparable(messages: readonly { headers: object; body: string; properties: object }[]): unknown {
  const ids = new Map<string, string>();
  const plain = (value: unknown, key = ''): unknown => {
    if (typeof value === 'string' && UUID.test(value)) {
      if (!ids.has(value)) ids.set(value, `id ${ids.size}`);
      return ids.get(value);
    }
    if (typeof value === 'string' && TIME.test(value)) return `${value.slice(0, 19)}+00:00`;
    if (Array.isArray(value)) return value.map((item) => plain(item));
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).filter(([name]) => !(key === 'options' && name === 'queue'));
    return Object.fromEntries(entries.sort().map(([name, item]) => [name, plain(item, name)]));
  };
  const repr = (text: string) => text.replaceAll('(', '[').replaceAll(')', ']').replaceAll(',]', ']');
  return messages.map(({ headers, body, properties }) => {
    const { argsrepr, kwargsrepr, ...rest } = Object.fromEntries(Object.entries(headers));
    const own = { ...rest, lang: '', origin: '', argsrepr: repr(argsrepr), kwargsrepr: repr(kwargsrepr) };
    return plain({ headers: own, body: JSON.parse(body), properties });
  });
}

function ours({ headers, body, correlationId, contentType, contentEncoding, replyTo, priority = 0 }: OutgoingMessage) {
  return {
    headers,
    body: typeof body === 'string' ? body : inflateSync(body).toString(),
    properties: {
      ...{ content_type: contentType, content_encoding: contentEncoding, priority },
      ...{ correlation_id: correlationId, reply_to: replyTo },
    },
  };
}

function theirs({ headers, body, properties }: Captured) {
  const { expiration: _never, delivery_mode: _durable, ...rest } = properties;
  const text = headers['compression'] === undefined ? body : inflateSync(Buffer.from(body, 'base64')).toString();
  const heardAt = new RegExp(String(rest['reply_to']), 'g');
  return { headers, body: text.replace(heardAt, 'a-queue'), properties: { ...rest, reply_to: 'a-queue' } };
}

/** The captured number of the argument that is bytes is Python's own. */
const BYTES = { send_task_dates: [/b'[^']*'/, "b'2 bytes'"] } as const;

describe('a message', () => {
  it('is compared with every capture', () => {
    expect([...Object.keys(asked), ...NOT_SENT].sort()).toEqual(Object.keys(golden).sort());
  });

  it.each(Object.entries(asked))('is the same as Celery’s: %s', async (name, work) => {
    const expected = (golden[name] ?? []).map(theirs);
    const messages = (await sent(work)).map(ours);
    const [pattern, text] = name in BYTES ? BYTES.send_task_dates : [/^$/, ''];
    const shown = expected.map(({ headers, ...rest }) => ({
      ...rest,
      headers: { ...headers, argsrepr: String(headers['argsrepr']).replace(pattern, text) },
    }));
    expect(comparable(messages)).toEqual(comparable(shown));
    expect(messages.every(({ properties }) => !('expiration' in properties))).toBe(true);
  });
});
