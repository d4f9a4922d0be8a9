import { describe, expect, it } from '@jest/globals';
import type { ConsumeMessage } from 'amqplib';
import type { OutgoingMessage } from '../../../../shared/cellar/broker.ts';
import { rawMessage, wireMessage } from '../../../../shared/cellar/brokers/rabbitmq/wire.ts';

const message: OutgoingMessage = {
  exchange: '',
  routingKey: 'mail',
  headers: { id: 'a', task: 't', 'x-cellar-generation': 1, 'x-mine': 'kept' },
  contentType: 'application/json',
  contentEncoding: 'utf-8',
  body: '[[],{},{}]',
  correlationId: 'a',
};

function received(properties: object, content: Buffer | string = message.body as string): ConsumeMessage {
  return { content: Buffer.from(content), fields: {}, properties } as unknown as ConsumeMessage;
}

describe("a message in AMQP's form", () => {
  it("has the properties of Celery's messages and no others", () => {
    const { options, body } = rawMessage({ ...message, dueAtMs: 1 });
    expect(body.toString()).toBe(message.body);
    expect(options).toEqual({
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      deliveryMode: 2,
      priority: 0,
      correlationId: 'a',
      headers: message.headers,
      mandatory: false,
    });
  });

  it('carries its group in a header, which is taken off again', () => {
    const { options } = rawMessage({ ...message, messageGroup: 'A', priority: 3, replyTo: 'replies' });
    expect(options).toMatchObject({ priority: 3, replyTo: 'replies', headers: { 'x-cellar-group': 'A' } });
    expect(wireMessage(received(options)).headers).toEqual(message.headers);
  });

  it('loses what the server added on its way, and nothing else', () => {
    const added = {
      'x-death': [{ count: 1, reason: 'expired' }],
      'x-first-death-queue': 'cellar.delay.0',
      'x-last-death-reason': 'expired',
      'x-delivery-count': 3,
      'x-cellar-deliveries': 2,
    };
    expect(wireMessage(received({ headers: { ...message.headers, ...added } })).headers).toEqual(message.headers);
  });

  it("has JSON's types only", () => {
    const headers = {
      at: { '!': 'timestamp', value: 1_700_000_000 },
      never: { '!': 'timestamp', value: 1e300 },
      price: { '!': 'decimal', value: { digits: 1250, places: 2 } },
      bytes: Buffer.from('text'),
      deep: { list: [Buffer.from('x'), 1, null] },
    };
    expect(wireMessage(received({ headers })).headers).toEqual({
      at: '2023-11-14T22:13:20.000Z',
      never: 1e300,
      price: 12.5,
      bytes: 'text',
      deep: { list: ['x', 1, null] },
    });
  });

  it('nested without end it is read as far as anybody would', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 20_000; level++) deep = { deep };
    const { headers } = wireMessage(received({ headers: { id: 'a', deep } }));
    expect(headers).toMatchObject({ id: 'a', deep: { deep: { deep: expect.any(Object) } } });
    expect(JSON.stringify(headers).length).toBeLessThan(2_000);
  });

  it.each([
    ['utf-8', Buffer.from('Pétrus'), 'Pétrus'],
    ['us-ascii', Buffer.from('plain'), 'plain'],
    ['utf-8', Buffer.from([0x78, 0x9c, 0xff]), Buffer.from([0x78, 0x9c, 0xff])],
    ['binary', Buffer.from('plain'), Buffer.from('plain')],
  ])('a body in %s: text where it is text', (contentEncoding, content, body) => {
    expect(wireMessage(received({ contentEncoding }, content)).body).toEqual(body);
  });

  it('without properties it is read too', () => {
    expect(wireMessage(received({}, 'x'))).toEqual({
      headers: {},
      contentType: '',
      contentEncoding: '',
      correlationId: '',
      body: Buffer.from('x'),
    });
  });
});
