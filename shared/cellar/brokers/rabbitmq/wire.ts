/** How a message travels in AMQP, and how what arrives is read: Celery's protocol, with a few headers of our own. */
import { isUtf8 } from 'node:buffer';
import type { ConsumeMessage, GetMessage, Options } from 'amqplib';
import type { Headers, OutgoingMessage, WireMessage } from '../../broker.ts';
import { WIRE_HEADERS } from './rabbitmq-names.ts';
import { withWideIntegers } from './wide-integers.ts';

/** A message ready to be sent. */
export interface RawMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly options: Options.Publish;
}

export type ReceivedMessage = ConsumeMessage | GetMessage;

/** Every message has the properties that Celery's have; never an expiration, which the server would act on. */
export function rawMessage(message: OutgoingMessage, added?: Headers): RawMessage {
  const { exchange, routingKey, body, replyTo, messageGroup } = message;
  const { contentType, contentEncoding, correlationId, priority = 0, mandatory = false } = message;
  const group = messageGroup === undefined ? undefined : { [WIRE_HEADERS.messageGroup]: messageGroup };
  const isPlain = group === undefined && added === undefined;
  return {
    exchange,
    routingKey,
    body: typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength),
    options: {
      contentType,
      contentEncoding,
      deliveryMode: 2,
      priority,
      correlationId,
      headers: withWideIntegers(isPlain ? message.headers : { ...message.headers, ...group, ...added }),
      mandatory,
      ...(replyTo === undefined ? undefined : { replyTo }),
    },
  };
}

const TEXT_ENCODINGS = /^(utf-?8|us-ascii|ascii)$/i;

/** The message as it was sent. A body that is said to be text and is none, as a compressed one of Celery's, is bytes. */
export function wireMessage({ content, properties }: ReceivedMessage): WireMessage {
  const { contentType = '', contentEncoding = '', correlationId = '', replyTo, headers = {} } = properties;
  const isText = TEXT_ENCODINGS.test(contentEncoding) && isUtf8(content);
  return {
    headers: sentHeaders(headers),
    contentType,
    contentEncoding,
    body: isText ? content.toString() : content,
    correlationId,
    ...(replyTo === undefined ? undefined : { replyTo }),
  };
}

/** A header that Cellar or the server put there, of this type; `undefined` where there is none. */
export function numberHeader({ properties }: ReceivedMessage, name: string): number | undefined {
  const value: unknown = properties.headers?.[name];
  return typeof value === 'number' ? value : undefined;
}

export function textHeader({ properties }: ReceivedMessage, name: string): string | undefined {
  const value: unknown = properties.headers?.[name];
  return typeof value === 'string' ? value : undefined;
}

/** What RabbitMQ adds to a message that was delivered again or dead-lettered. */
const SERVER_HEADERS = /^x-(death|(first|last)-death-(queue|reason|exchange)|delivery-count|acquired-count|opt-.*)$/;
const OWN_HEADERS: ReadonlySet<string> = new Set(Object.values(WIRE_HEADERS));

function isAdded(name: string): boolean {
  return name.startsWith('x-') && (OWN_HEADERS.has(name) || SERVER_HEADERS.test(name));
}

/** Most messages have nothing but what was sent, in JSON's types: they are not copied. */
function sentHeaders(headers: Headers): Headers {
  let isSent = true;
  for (const name in headers) isSent &&= !isAdded(name) && isJson(headers[name]);
  if (isSent) return headers;
  const kept = Object.entries(headers).filter(([name]) => !isAdded(name));
  return Object.fromEntries(kept.map(([name, value]) => [name, jsonOf(value)]));
}

/** Headers that are nested deeper are nobody's; what reads them should not run out of stack. */
const DEEPEST = 100;

function isJson(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return true;
  if (depth >= DEEPEST || Buffer.isBuffer(value) || '!' in value) return false;
  for (const entry of Object.values(value)) if (!isJson(entry, depth + 1)) return false;
  return true;
}

/** AMQP's other types as text or numbers: bytes, times, decimals. What is nested too deeply is null. */
function jsonOf(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return null;
  if (Buffer.isBuffer(value)) return value.toString();
  if (Array.isArray(value)) return value.map((entry) => jsonOf(entry, depth + 1));
  if ('!' in value && 'value' in value) return typedValue(value['!'], value.value);
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, jsonOf(entry, depth + 1)]));
}

function typedValue(type: unknown, value: unknown): unknown {
  if (type === 'timestamp' && typeof value === 'number') {
    const date = new Date(value * 1000);
    return Number.isNaN(date.getTime()) ? value : date.toISOString();
  }
  if (type !== 'decimal' || typeof value !== 'object' || value === null) return value;
  const { digits, places } = value as { readonly digits?: unknown; readonly places?: unknown };
  return Number(digits) / 10 ** Number(places);
}
