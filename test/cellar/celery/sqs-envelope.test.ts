import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { fromSqsRecord, type SqsRecord, toSqsRecord } from 'cellar/lambda';
import fc from 'fast-check';
import type { Delivery } from '../../../shared/cellar/broker.ts';
import { decodeEnvelope, encodeEnvelope } from '../../../shared/cellar/celery/sqs-envelope.ts';
import { decodeMessage } from '../../../shared/cellar/message.ts';

interface Captured {
  readonly raw_Body: string;
  readonly Attributes: Readonly<Record<string, string>>;
  readonly decoded_envelope: {
    readonly headers: Readonly<Record<string, unknown>>;
    readonly properties: { readonly correlation_id: string };
  };
  readonly decoded_inner_body: string;
}

const golden = (name: string) => JSON.parse(readFileSync(new URL(`../../golden/${name}`, import.meta.url), 'utf8'));
const captured: Readonly<Record<string, { readonly messages: readonly Captured[] }>> = golden('sqs-messages.json');
const messages = Object.entries(captured).flatMap(([name, { messages: list }]) =>
  list.map((message, index) => ({ name: `${name}[${index}]`, message })),
);

function recordOf({ raw_Body: body, Attributes }: Captured): SqsRecord {
  return {
    messageId: 'm',
    receiptHandle: 'r',
    body,
    attributes: { ApproximateReceiveCount: '1', SentTimestamp: '0', ...Attributes },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: 'arn:aws:sqs:eu-central-1:1:celery',
    awsRegion: 'eu-central-1',
  };
}

describe('fromSqsRecord', () => {
  it('has captures to read', () => {
    expect(messages.length).toBeGreaterThan(8);
  });

  it.each(messages)('reads what Celery wrote: $name', ({ message }) => {
    const delivery = fromSqsRecord(recordOf(message), 'celery');
    const { headers, properties } = message.decoded_envelope;
    expect(delivery.message.correlationId).toBe(properties.correlation_id);
    expect(delivery.message.headers).toEqual(headers);
    expect(delivery.messageGroup).toBe(message.Attributes['MessageGroupId']);
    expect(delivery.enqueuedAtMs).toBe(Number(message.Attributes['SentTimestamp']));
    const decoded = decodeMessage(delivery.message);
    if (headers['compression'] !== undefined) {
      expect(decoded).toMatchObject({ ok: false, code: 'compressed', id: headers['id'] });
    } else {
      const [args, kwargs] = JSON.parse(message.decoded_inner_body);
      expect(decoded).toMatchObject({ ok: true, message: { args, kwargs } });
    }
  });
});

describe('decodeEnvelope', () => {
  const probe: { readonly cases: readonly (readonly [string, string])[] } = golden('sqs-decode-probe.json');
  const inner = '[[2, 2], {}, {"callbacks": null, "errbacks": null, "chain": null, "chord": null}]';
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const envelope = (change: object = {}, properties: object = {}) =>
    JSON.stringify({
      body: base64(inner),
      'content-encoding': 'utf-8',
      'content-type': 'application/json',
      headers: { task: 'proj.add', id: 'abc' },
      properties: {
        correlation_id: 'abc',
        body_encoding: 'base64',
        delivery_info: { exchange: '', routing_key: 'q' },
        delivery_tag: 't',
        ...properties,
      },
      ...change,
    });
  /** In the order of the probe's cases. */
  const bodies = [
    base64(envelope()),
    envelope(),
    envelope({ body: inner }, { body_encoding: undefined }),
    envelope({ body: inner }, { body_encoding: 'utf-8' }),
    envelope({}, { delivery_info: undefined }),
    envelope({}, { delivery_tag: undefined }),
    envelope({}, { delivery_info: { exchange: '' } }),
    'arbitrary text',
    JSON.stringify({ Type: 'Notification', Message: envelope() }),
  ];
  const cases = probe.cases.map(([what, outcome], index) => ({
    what,
    reads: outcome.startsWith('ok'),
    body: bodies[index] ?? '',
  }));

  it.each(cases)('takes what kombu takes: $what', ({ reads, body }) => {
    const decoded = decodeMessage(decodeEnvelope(body).message);
    expect(decoded.ok).toBe(reads);
    if (reads) expect(decoded).toMatchObject({ message: { args: [2, 2], headers: { id: 'abc', task: 'proj.add' } } });
  });

  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.jsonValue().map((value) => JSON.stringify(value)),
          fc
            .record({ body: fc.jsonValue(), headers: fc.jsonValue(), properties: fc.jsonValue() })
            .map((value) => JSON.stringify(value)),
        ),
        (text) => {
          expect(typeof decodeMessage(decodeEnvelope(text).message).ok).toBe('boolean');
        },
      ),
      { seed: 20_261_123 },
    );
  });
});

describe('the carriage', () => {
  const message = {
    headers: { id: 'a' },
    contentType: 'application/json',
    contentEncoding: 'utf-8',
    body: '[]',
    correlationId: 'a',
  };

  it('comes back as it was sent, and leaves the message as it was', () => {
    const carriage = {
      messageGroup: 'A',
      deduplicationId: 'd',
      exchange: 'x',
      routingKey: 'k',
      queue: 'mail',
      dueAtMs: 5,
      reason: 'r',
      diedAtMs: 6,
      bodyKey: 'b',
    };
    expect(decodeEnvelope(encodeEnvelope(message, carriage))).toEqual({ message, carriage });
    expect(decodeEnvelope(encodeEnvelope(message, {}))).toEqual({ message, carriage: {} });
  });

  it('is read by its types only: anybody may write to a queue', () => {
    const text = encodeEnvelope(message, {}).replace(
      '"priority":0',
      '"priority":0,"cellar":{"messageGroup":7,"dueAtMs":"x","reason":"r","other":1}',
    );
    expect(decodeEnvelope(text).carriage).toEqual({ reason: 'r' });
  });
});

describe('toSqsRecord and back', () => {
  it('gives the same delivery', () => {
    const arbitrary = fc.record(
      {
        messageGroup: fc.string({ minLength: 1 }),
        replyTo: fc.string(),
        body: fc.oneof(fc.string(), fc.constant('[[1], {}, null]')),
        headers: fc.dictionary(fc.string(), fc.jsonValue()),
        deliveryCount: fc.integer({ min: 1, max: 9 }),
      },
      { requiredKeys: ['body', 'headers', 'deliveryCount'] },
    );
    fc.assert(
      fc.property(arbitrary, ({ messageGroup, replyTo, body, headers, deliveryCount }) => {
        const delivery: Delivery = {
          queue: 'mail',
          receipt: '7.9',
          messageId: 'm-7',
          message: {
            headers: JSON.parse(JSON.stringify(headers)),
            contentType: 'application/json',
            contentEncoding: 'utf-8',
            body,
            correlationId: 'abc',
            ...(replyTo === undefined ? {} : { replyTo }),
          },
          ...(messageGroup === undefined ? {} : { messageGroup }),
          deliveryCount,
          enqueuedAtMs: 1_790_000_000_000,
        };
        expect(fromSqsRecord(toSqsRecord(delivery), 'mail')).toEqual(delivery);
      }),
      { seed: 20_261_123 },
    );
  });

  it('keeps compressed bytes', () => {
    const body = new Uint8Array([0x78, 0x9c, 0xff, 0x00]);
    const headers = { id: 'abc', task: 't', compression: 'application/x-gzip' };
    const message = { headers, contentType: 'application/json', contentEncoding: 'utf-8', body, correlationId: 'abc' };
    expect(Buffer.from(decodeEnvelope(encodeEnvelope(message, {})).message.body)).toEqual(Buffer.from(body));
  });
});
