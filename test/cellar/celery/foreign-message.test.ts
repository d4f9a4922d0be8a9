import { readFileSync } from 'node:fs';
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import type { WireMessage } from '../../../shared/cellar/broker.ts';
import { decodeForeign } from '../../../shared/cellar/celery/foreign-message.ts';
import { type Decoded, decodeMessage } from '../../../shared/cellar/message.ts';
import { outgoingMessage } from '../../../shared/cellar/outgoing.ts';
import { task } from '../../../shared/cellar/task.ts';

const BODY = '[[2, 2], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]';

function wire(fields: Partial<WireMessage> = {}, headers: Record<string, unknown> = {}): WireMessage {
  return {
    headers: { task: 'math.add', id: 'an-id', ...headers },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    correlationId: 'an-id',
    body: BODY,
    ...fields,
  };
}

/** As the worker decodes. */
async function decode(message: WireMessage): Promise<Decoded> {
  const decoded = decodeMessage(message);
  return decoded.ok ? decoded : await decodeForeign(message, decoded);
}

async function argsOf(message: WireMessage): Promise<unknown> {
  const decoded = await decode(message);
  return decoded.ok ? decoded.message.args : decoded;
}

describe('a compressed body', () => {
  const captured: Record<string, readonly { headers: Record<string, unknown>; body: string }[]> = JSON.parse(
    readFileSync(new URL('../../golden/amqp-task-messages.json', import.meta.url), 'utf8'),
  );

  it.each(['zlib', 'bzip2'])('of Celery’s is read: %s', async (name) => {
    const [message] = captured[name] ?? [];
    const body = Buffer.from(message?.body ?? '', 'base64');
    const decoded = await decode(wire({ body }, message?.headers));
    expect(decoded).toMatchObject({ ok: true, message: { args: [2, 2], headers: { task: 'proj.tasks.add' } } });
    // It travels on without: what is sent again is not compressed.
    expect(decoded.ok && 'compression' in decoded.message.headers).toBe(false);
  });

  it.each([
    ['gzip’s own format', 'application/x-gzip', gzipSync(BODY)],
    ['kombu’s alias', 'gzip', deflateSync(BODY)],
    ['brotli', 'application/x-brotli', brotliCompressSync(BODY)],
    ['zstd', 'application/zstd', zstdCompressSync(BODY)],
  ])('of another kind is read: %s', async (_name, compression, body) => {
    expect(await argsOf(wire({ body }, { compression }))).toEqual([2, 2]);
  });

  it.each([
    ['a kind that nobody reads', 'application/x-lzma', Uint8Array.of(1, 2), /allowed: none, application\/x-gzip/],
    ['bytes that are not of its kind', 'application/x-gzip', Uint8Array.of(1, 2), /cannot be decompressed/],
    ['bzip2 that is none', 'application/x-bz2', Buffer.from('BZh9 but no more'), /cannot be decompressed/],
    [
      'one that becomes too large',
      'application/x-gzip',
      deflateSync(Buffer.alloc(70 * 1024 * 1024)),
      /at most 67108864/,
    ],
    ['one that becomes too large', 'application/zstd', zstdCompressSync(Buffer.alloc(70 * 1024 * 1024)), /at most/],
  ])('is refused with a sentence: %s', async (_name, compression, body, reason) => {
    expect(await decode(wire({ body }, { compression }))).toEqual({
      ok: false,
      code: 'unsupported-compression',
      reason: expect.stringMatching(reason),
      id: 'an-id',
      task: 'math.add',
    });
  });

  it.each(['zlib', 'gzip', 'brotli', 'zstd'] as const)('that this library made is read: %s', async (compression) => {
    const echo = task('tests.echo', { params: { text: z.string() } });
    const sent = outgoingMessage(
      echo({ text: 'é'.repeat(1000) }, { compression }),
      { id: 'a' },
      { nowMs: 0, name: 'gen' },
    );
    expect(sent.body).toBeInstanceOf(Uint8Array);
    expect(sent.body.length).toBeLessThan(300);
    expect(await argsOf(sent)).toEqual(['é'.repeat(1000)]);
  });
});

describe('a character set', () => {
  it.each([
    ['latin1', Buffer.from('[["é"], {}, {}]', 'latin1')],
    ['binary', Buffer.from('[["é"], {}, {}]')],
    ['', Buffer.from('[["é"], {}, {}]')],
  ])('%p is read', async (contentEncoding, body) => {
    expect(await argsOf(wire({ body, contentEncoding }))).toEqual(['é']);
  });

  it('that nobody knows is refused', async () => {
    const decoded = await decode(wire({ body: Buffer.from('[[], {}, {}]'), contentEncoding: 'klingon' }));
    expect(decoded).toMatchObject({ ok: false, code: 'bad-content-encoding', id: 'an-id' });
  });
});

describe('protocol 1', () => {
  const first = (fields: object) => wire({ headers: {}, body: JSON.stringify(fields) });

  it('is read, with all that it says', async () => {
    const signature = { task: 'math.add', args: [1], kwargs: {}, options: {}, subtask_type: null, immutable: false };
    const decoded = await decode(
      first({
        ...{ task: 'math.add', id: 'one', args: [2, { __type__: 'decimal', __value__: '1.50' }], kwargs: { z: 1 } },
        ...{ retries: 2, eta: '2030-01-02T03:04:05', expires: null, utc: true, timelimit: [30, null] },
        ...{ callbacks: [signature], errbacks: null, chord: null, taskset: 'a-group' },
      }),
    );
    expect(decoded).toMatchObject({
      ok: true,
      message: {
        headers: { id: 'one', task: 'math.add', root_id: 'one', retries: 2, group: 'a-group', timelimit: [30, null] },
        args: [2, expect.objectContaining({ value: '1.50' })],
        kwargs: { z: 1 },
        embed: { callbacks: [signature], chain: null },
      },
    });
  });

  it('is read where it says the least, as a Celery worker reads it', async () => {
    expect(await decode(first({ task: 'math.add', id: 'one', args: [2, 4], kwargs: {} }))).toMatchObject({
      ok: true,
      message: { headers: { retries: 0, eta: null }, args: [2, 4], embed: { chain: null } },
    });
  });

  it.each([
    ['no id', { task: 'math.add', args: [] }, 'missing-id'],
    ['no task', { id: 'x', args: [] }, 'missing-task'],
    ['a number for a task', { id: 'x', task: 5 }, 'missing-task'],
    ['args that are no list', { id: 'x', task: 't', args: 5 }, 'bad-body'],
    ['callbacks that are none', { id: 'x', task: 't', callbacks: [5] }, 'bad-body'],
    ['retries below 0', { id: 'x', task: 't', retries: -1 }, 'bad-header'],
  ])('is refused with a code where it has %s', async (_name, fields, code) => {
    expect(await decode(first(fields))).toMatchObject({ ok: false, code });
  });

  it('and what is neither are told apart', async () => {
    expect(await decode(wire({ headers: {}, body: '[[], {}, {}]' }))).toMatchObject({
      ok: false,
      code: 'missing-task',
    });
    expect(await decode(wire({ headers: {}, body: 'text' }))).toMatchObject({ ok: false, code: 'bad-body' });
  });
});
