/**
 * A message as text: kombu's SQS envelope in plain JSON (kombu/transport/SQS), so that a Celery worker or producer
 * on SQS is understood too. The reader takes base64 as well, around the envelope and inside it.
 */
import type { WireMessage } from '../broker.ts';

/** The text of a message for a queue. */
export function encodeEnvelope(message: WireMessage, queue: string): string {
  const text = typeof message.body === 'string';
  return JSON.stringify({
    body: text ? message.body : Buffer.from(message.body).toString('base64'),
    'content-encoding': message.contentEncoding,
    'content-type': message.contentType,
    headers: message.headers,
    properties: {
      correlation_id: message.correlationId,
      ...(message.replyTo === undefined ? undefined : { reply_to: message.replyTo }),
      delivery_mode: 2,
      delivery_info: { exchange: '', routing_key: queue },
      priority: 0,
      body_encoding: text ? 'utf-8' : 'base64',
      delivery_tag: message.correlationId,
    },
  });
}

/** Reads an envelope; text that is none becomes a message without headers, which the worker dead-letters with its reason. */
export function decodeEnvelope(text: string): WireMessage {
  const envelope = parse(text) ?? parse(Buffer.from(text, 'base64').toString('utf8'));
  if (envelope === undefined) return notAnEnvelope(text);
  const headers = isRecord(envelope.headers) ? envelope.headers : {};
  const properties = isRecord(envelope.properties) ? envelope.properties : {};
  const { correlation_id: correlationId, reply_to: replyTo, body_encoding: bodyEncoding } = properties;
  const body = String(envelope.body ?? '');
  return {
    headers,
    contentType: String(envelope['content-type'] ?? ''),
    contentEncoding: String(envelope['content-encoding'] ?? 'utf-8'),
    body: bodyEncoding === 'base64' ? bytesOrText(body, headers) : body,
    correlationId: typeof correlationId === 'string' ? correlationId : String(headers.id ?? ''),
    ...(typeof replyTo === 'string' ? { replyTo } : undefined),
  };
}

function bytesOrText(base64: string, headers: Readonly<Record<string, unknown>>): string | Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  return headers.compression === undefined || headers.compression === null ? bytes.toString('utf8') : bytes;
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) && 'body' in value ? value : undefined;
  } catch {
    return undefined; // the caller tries base64 next, and dead-letters what is neither
  }
}

function notAnEnvelope(text: string): WireMessage {
  return { headers: {}, contentType: 'text/plain', contentEncoding: 'utf-8', body: text, correlationId: '' };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
