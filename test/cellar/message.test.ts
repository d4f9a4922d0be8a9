import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import * as z from 'zod/mini';
import type { WireMessage } from '../../shared/cellar/broker.ts';
import { decodeMessage } from '../../shared/cellar/message.ts';
import { outgoingMessage } from '../../shared/cellar/outgoing.ts';
import { task } from '../../shared/cellar/task.ts';

interface Captured {
  readonly properties: {
    readonly content_type: string;
    readonly content_encoding: string;
    readonly correlation_id: string;
  };
  readonly headers: Record<string, unknown>;
  readonly body_repr: string;
  readonly body: string;
}

const captured: Record<string, readonly Captured[]> = JSON.parse(
  readFileSync(new URL('../golden/amqp-task-messages.json', import.meta.url), 'utf8'),
);

function wireOf({ properties, headers, body }: Captured): WireMessage {
  return {
    headers,
    contentType: properties.content_type,
    contentEncoding: properties.content_encoding,
    correlationId: properties.correlation_id,
    body,
  };
}

const plain = Object.entries(captured).flatMap(([name, messages]) =>
  messages
    .filter(({ body_repr }) => body_repr === 'utf8')
    .map((message, index) => ({ name: `${name}[${index}]`, message })),
);

describe('decodeMessage', () => {
  it('has captures to read', () => {
    expect(plain.length).toBeGreaterThan(15);
  });

  it.each(plain)('reads the captured message $name', ({ message }) => {
    const decoded = decodeMessage(wireOf(message));
    expect(decoded).toMatchObject({ ok: true, message: { headers: message.headers } });
  });

  const good: WireMessage = {
    headers: { task: 'proj.add', id: 'abc' },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    correlationId: 'abc',
    body: '[[2, 2], {}, null]',
  };

  it('takes the least that a Celery worker takes and fills in the rest', () => {
    expect(decodeMessage(good)).toMatchObject({
      ok: true,
      message: {
        args: [2, 2],
        kwargs: {},
        headers: { id: 'abc', root_id: 'abc', retries: 0, timelimit: [null, null], eta: null },
      },
    });
  });

  it.each([
    ['a body of two', { body: '[[2, 2], {}]' }, 'bad-body'],
    ['a body that is not JSON', { body: '{' }, 'bad-body'],
    ['bytes that are not UTF-8', { body: Uint8Array.of(0xff, 0xfe) }, 'bad-body'],
    ['kwargs as a list', { body: '[[], [], {}]' }, 'bad-body'],
    ['a chain of numbers', { body: '[[], {}, {"chain": [1]}]' }, 'bad-body'],
    ['a missing id', { headers: { task: 'x' } }, 'missing-id'],
    ['a missing task', { headers: { id: 'x' } }, 'missing-task'],
    ['plain text', { contentType: 'text/plain' }, 'bad-content-type'],
    ['no content type', { contentType: '' }, 'bad-content-type'],
    ['pickle', { contentType: 'application/x-python-serialize' }, 'pickle-refused'],
    ['a compressed body', { headers: { ...good.headers, compression: 'application/x-bz2' } }, 'compressed'],
    ['negative retries', { headers: { ...good.headers, retries: -1 } }, 'bad-header'],
    ['an ETA that is no time', { headers: { ...good.headers, eta: 'soon' } }, 'bad-header'],
    ['a chord that is no signature', { body: '[[], {}, {"chord": {"task": "x"}}]' }, 'bad-body'],
  ])('answers %s with a code, not an exception', (_name, change, code) => {
    expect(decodeMessage({ ...good, ...change })).toMatchObject({ ok: false, code });
  });

  it('takes a charset in the content type, which a Celery worker drops', () => {
    expect(decodeMessage({ ...good, contentType: 'application/json; charset=utf-8' })).toMatchObject({ ok: true });
  });
});

describe('outgoingMessage', () => {
  const add = task('proj.tasks.add', { params: { x: z.int(), y: z.int() } });
  const lineage = { id: '11111111-1111-4111-8111-111111111111' };
  const origin = { nowMs: Date.parse('2026-11-22T14:32:22.240Z'), name: 'gen1@host' };

  function expectShapeOf(name: string, ours: { headers: object; body: unknown }): void {
    const theirs = captured[name]?.[0];
    expect(theirs).toBeDefined();
    const { lang: _lang, origin: _origin, ...headers } = theirs?.headers ?? {};
    expect(ours.headers).toMatchObject(headers);
    expect(Object.keys(ours.headers).sort()).toEqual(Object.keys(theirs?.headers ?? {}).sort());
    expect(JSON.parse(String(ours.body))).toEqual(JSON.parse(theirs?.body ?? ''));
  }

  it('has the headers and body of Celery’s delay()', () => {
    expectShapeOf('delay', outgoingMessage(add({ x: 2, y: 2 }), lineage, origin));
  });

  it('has the headers and body of an apply_async with options', () => {
    const options = {
      shadow: 'nice.name',
      timeLimitSeconds: 30,
      softTimeLimitSeconds: 20,
      ignoreResult: true,
      headers: { 'x-tenant': 'wine', n: 1 },
    };
    expectShapeOf('options', outgoingMessage(add({ x: 2, y: 2 }, options), lineage, origin));
  });

  it('writes an ETA with its offset and never sooner than asked', () => {
    const message = outgoingMessage(add({ x: 2, y: 2 }, { countdown: 10.0004 }), lineage, origin);
    expect(message.headers.eta).toBe('2026-11-22T14:32:32.241+00:00');
    expect(message.dueAtMs).toBe(origin.nowMs + 10_001);
  });

  it('reports every unusable option at once', () => {
    const signature = add(
      { x: 1, y: 2 },
      { countdown: -1, priority: 10, taskId: 'a b', headers: { task: 'other' }, messageGroup: '' },
    );
    expect(() => outgoingMessage(signature, lineage, origin)).toThrow(
      expect.objectContaining({ code: 'bad-arguments', message: expect.stringContaining('5 problems') }),
    );
  });
});
