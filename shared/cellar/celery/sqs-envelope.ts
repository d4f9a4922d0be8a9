/**
 * A message as text: kombu's SQS envelope in plain JSON (kombu/transport/SQS), so that a Celery worker or producer
 * on SQS is understood too. The reader takes base64 as well, around the envelope and inside it.
 *
 * What queues need to know beside the message travels in `properties.cellar`, where Celery does not look: the headers
 * stay what the sender made them, and no SQS message attribute is spent.
 */
import type { WireMessage } from '../broker.ts';

/** What travels beside a message so that a queue, a forwarder or a redrive can send it on as it was sent. */
export interface Carriage {
  readonly messageGroup?: string;
  readonly deduplicationId?: string;
  /** Through which exchange and by which key it came; absent where it was sent to its queue. */
  readonly exchange?: string;
  readonly routingKey?: string;
  /** In a delay queue: the queue it goes to, and not before when (ms since the epoch). */
  readonly queue?: string;
  readonly dueAtMs?: number;
  /** In a dead-letter queue: why and when it died, and where it stood then. */
  readonly reason?: string;
  readonly diedAtMs?: number;
  /** The key of the S3 object that holds the body; the body here is then empty. */
  readonly bodyKey?: string;
}

export interface Envelope {
  readonly message: WireMessage;
  readonly carriage: Carriage;
}

/** The text of a message. Celery settles what it takes by its routing key: the name of its queue, unless an exchange sent it. */
export function encodeEnvelope(
  message: WireMessage,
  carriage: Carriage,
  routingKey = carriage.routingKey ?? carriage.queue ?? '',
): string {
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
      delivery_info: {
        exchange: carriage.exchange ?? '',
        routing_key: routingKey,
      },
      priority: 0,
      body_encoding: text ? 'utf-8' : 'base64',
      delivery_tag: message.correlationId,
      ...(Object.keys(carriage).length === 0 ? undefined : { cellar: carriage }),
    },
  });
}

/** Reads an envelope; text that is none becomes a message without headers, which the worker dead-letters with its reason. */
export function decodeEnvelope(text: string): Envelope {
  const envelope = parse(text) ?? parse(Buffer.from(text, 'base64').toString('utf8'));
  if (envelope === undefined) return { message: notAnEnvelope(text), carriage: {} };
  const headers = isRecord(envelope.headers) ? envelope.headers : {};
  const properties = isRecord(envelope.properties) ? envelope.properties : {};
  const { correlation_id: correlationId, reply_to: replyTo, body_encoding: bodyEncoding } = properties;
  const body = String(envelope.body ?? '');
  const message = {
    headers,
    contentType: String(envelope['content-type'] ?? ''),
    contentEncoding: String(envelope['content-encoding'] ?? 'utf-8'),
    body: bodyEncoding === 'base64' ? bytesOrText(body, headers, String(envelope['content-encoding'] ?? '')) : body,
    correlationId: typeof correlationId === 'string' ? correlationId : String(headers.id ?? ''),
    ...(typeof replyTo === 'string' ? { replyTo } : undefined),
  };
  return { message, carriage: carriageOf(properties.cellar) };
}

const TEXTS = [
  'messageGroup',
  'deduplicationId',
  'exchange',
  'routingKey',
  'queue',
  'reason',
  'bodyKey',
] as const satisfies readonly (keyof Carriage)[];
const TIMES = ['dueAtMs', 'diedAtMs'] as const satisfies readonly (keyof Carriage)[];

/** Only what has the right type: anybody may write to a queue. */
function carriageOf(value: unknown): Carriage {
  if (!isRecord(value)) return {};
  const known: Record<string, string | number> = {};
  for (const name of TEXTS) if (typeof value[name] === 'string') known[name] = value[name];
  for (const name of TIMES) if (typeof value[name] === 'number') known[name] = value[name];
  return known;
}

function bytesOrText(
  base64: string,
  headers: Readonly<Record<string, unknown>>,
  contentEncoding: string,
): string | Uint8Array {
  const bytes = Buffer.from(base64, 'base64');
  const isBinary = contentEncoding === 'binary' || (headers.compression !== undefined && headers.compression !== null);
  return isBinary ? bytes : bytes.toString('utf8');
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
