/** Messages that a worker must outlive: the captures of real Celery, each damaged in some way. */
import { readFileSync } from 'node:fs';
import { deflateSync, gzipSync } from 'node:zlib';
import type { Chance } from './chance.ts';

/** A message as AMQP carries it. */
export interface RawMessage {
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly correlationId?: string;
}

type Damage = (message: RawMessage, chance: Chance) => RawMessage;

interface Captured {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly properties: { readonly content_type: string; readonly content_encoding: string };
  readonly body: string;
  readonly body_repr: string;
}

/** A little less than what amqplib encodes. */
const MOST_HEADER_BYTES = 60_000;
/** Half of a deep list of lists. */
const DEPTH = 20_000;

/** What real Celery sent. */
export const captures: readonly RawMessage[] = ['amqp-task-messages.json', 'amqp-chord-messages-redis.json'].flatMap(
  (file) => {
    const stored: unknown = JSON.parse(readFileSync(new URL(`../golden/${file}`, import.meta.url), 'utf8'));
    return capturedIn(stored).map(({ headers, properties, body, body_repr }) => ({
      // One of 2030 would wait until then; one that has expired and is made to ignore its result leaves no trace.
      headers: 'eta' in headers ? { ...headers, eta: null, expires: null } : headers,
      body: Buffer.from(body, body_repr === 'base64' ? 'base64' : 'utf8'),
      contentType: properties.content_type,
      contentEncoding: properties.content_encoding,
    }));
  },
);

function capturedIn(value: unknown): readonly Captured[] {
  if (typeof value !== 'object' || value === null) return [];
  if ('headers' in value && 'properties' in value && 'body' in value) return [value as Captured];
  return Object.values(value).flatMap(capturedIn);
}

const VALUES: readonly unknown[] = [
  ...[null, true, false, 0, -1, 2 ** 40, 1.5, '', 'x', '\u0000', 'NaN', 'é \u{1F377}'],
  ...[[], [[]], {}, { a: { b: [null] } }, [1, 'two', null]],
  { '!': 'timestamp', value: 1_700_000_000 },
  { '!': 'decimal', value: { places: 2, digits: 1234 } },
  Buffer.from([0, 255, 128]),
];

const NAMES = ['task', 'id', 'retries', 'timelimit', 'root_id', 'parent_id', 'group', 'group_index', 'eta'];
const MORE_NAMES = ['compression', 'ignore_result', 'stamps', 'stamped_headers', 'x-cellar-generation', 'x-death'];

const replaceHeader: Damage = (message, chance) => ({
  ...message,
  headers: { ...message.headers, [chance.pick([...NAMES, ...MORE_NAMES])]: chance.pick(VALUES) },
});

const dropHeader: Damage = (message, chance) => {
  const dropped = chance.pick(Object.keys(message.headers));
  return {
    ...message,
    headers: Object.fromEntries(Object.entries(message.headers).filter(([key]) => key !== dropped)),
  };
};

const withBody = (message: RawMessage, text: string): RawMessage => ({ ...message, body: Buffer.from(text) });
const json = (value: unknown): string => JSON.stringify(value);

/** By name, so that what failed can be said. */
export const damages: Readonly<Record<string, Damage>> = {
  truncated: (message, chance) => ({ ...message, body: message.body.subarray(0, chance.below(message.body.length)) }),
  'flipped bytes': (message, chance) => {
    const body = Buffer.from(message.body);
    for (let flips = 0; flips < 5; flips++) body[chance.below(body.length)] = chance.below(256);
    return { ...message, body };
  },
  'random bytes': (message, chance) => ({
    ...message,
    body: Buffer.from(Array.from({ length: chance.below(200) }, () => chance.below(256))),
  }),
  'header of another type': replaceHeader,
  'several headers of another type': (message, chance) =>
    Array.from({ length: 4 }).reduce<RawMessage>((one) => replaceHeader(one, chance), message),
  // By itself: one that has expired and has another id, or ignores its result, leaves no trace.
  'expires of another type': (message, chance) => ({
    ...message,
    headers: { ...message.headers, expires: chance.pick(VALUES), ignore_result: false },
  }),
  'a header missing': dropHeader,
  'no headers': (message) => ({ ...message, headers: {} }),
  'huge headers': (message, chance) => ({
    ...message,
    headers: { ...message.headers, much: 'x'.repeat(chance.below(MOST_HEADER_BYTES)) },
  }),
  'many headers': (message) => ({
    ...message,
    headers: { ...message.headers, ...Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`h${at}`, at])) },
  }),
  'deep JSON': (message, chance) => {
    const depth = 1 + chance.below(DEPTH);
    return withBody(message, `[${'['.repeat(depth)}${']'.repeat(depth)},{},null]`);
  },
  'deep JSON that does not end': (message, chance) => withBody(message, '['.repeat(1 + chance.below(DEPTH))),
  'a body of another form': (message, chance) =>
    withBody(message, json(chance.pick([[], [[]], [[], {}], [{}, [], {}], {}, 'text', 7, null, [[1, 2], {}, []]]))),
  'a part of another type': (message, chance) => {
    const parts: unknown[] = [[1, 2], {}, { callbacks: null, errbacks: null, chain: null, chord: null }];
    parts[chance.below(3)] = chance.pick(VALUES);
    return withBody(message, json(parts));
  },
  'an embed of another type': (message, chance) => {
    const name = chance.pick(['callbacks', 'errbacks', 'chain', 'chord']);
    const value = chance.pick([...VALUES, [{}], [{ task: 1 }], { task: 'x' }, [{ task: 'x', args: {}, kwargs: [] }]]);
    return withBody(message, json([[1, 2], {}, { [name]: value }]));
  },
  pickle: (message) => ({
    ...message,
    contentType: 'application/x-python-serialize',
    contentEncoding: 'binary',
    body: Buffer.from('gASVDAAAAAAAAABdlChLAUsChpSFlGUu', 'base64'),
  }),
  'another content type': (message, chance) => ({
    ...message,
    contentType: chance.pick([
      'text/plain',
      'application/x-yaml',
      'application/x-msgpack',
      '',
      ';',
      'application/json;',
    ]),
  }),
  'no content type': ({ contentType: _type, ...message }) => message,
  'another encoding': (message, chance) => ({
    ...message,
    contentEncoding: chance.pick(['utf-16', 'latin-1', 'binary', 'gzip', 'us-ascii', 'nonsense']),
  }),
  'compressed and not said': (message) => ({ ...message, body: deflateSync(message.body) }),
  'said to be compressed': (message, chance) => ({
    ...message,
    headers: { ...message.headers, compression: chance.pick(['application/x-gzip', 'application/x-bz2', 'what']) },
  }),
  'a bomb': (message) => ({
    ...message,
    headers: { ...message.headers, compression: 'application/x-gzip' },
    body: BOMB,
  }),
  'tagged types that are none': (message, chance) =>
    withBody(
      message,
      json([
        [
          {
            __type__: chance.pick(['datetime', 'uuid', 'decimal', 'bytes', 'x', 7, null]),
            __value__: chance.pick(VALUES),
          },
          1,
        ],
        {},
        null,
      ]),
    ),
  'protocol 1': (message, chance) => ({
    ...withBody(
      message,
      json({
        task: 'proj.tasks.add',
        id: `one-${chance.next()}`,
        args: [1, 2],
        kwargs: {},
        retries: chance.pick(VALUES),
      }),
    ),
    headers: {},
  }),
};

/** 80 MB of blanks. */
const BOMB = gzipSync(Buffer.alloc(80 * 1_048_576, 32));
