/** Decides about a message before anything is sent: which way it goes, as what text, or why it is refused. */
import type { MessageAttribute } from '../../aws/calls.ts';
import { awsNames } from '../../aws/location.ts';
import { type AwsPlan, attributesFor, mustRoute } from '../../aws/plan.ts';
import type { BrokerCapabilities, OutgoingMessage } from '../../broker.ts';
import type { Carriage } from '../../celery/sqs-envelope.ts';
import type { Runtime } from '../../clock.ts';
import type { Topology } from '../../topology.ts';
import { planPublish, type Refusal, refusal, refuseLarge } from '../plan-publish.ts';
import { MAX_QUEUE_DELAY_SECONDS, SCHEDULE_MAX_BYTES, SNS_MAX_BYTES, SQS_MAX_BYTES } from './limits.ts';
import { fittingId, groupIdOf } from './message-ids.ts';
import { type MessageText, messageText } from './message-text.ts';

/** How a message reaches its queues. */
export type Way = 'queues' | 'topic' | 'delay-queue' | 'schedule';

/** A message that may be sent. */
export interface PlannedSend {
  readonly way: Way;
  readonly message: OutgoingMessage;
  /** The queues that get a copy, by the topology. */
  readonly queues: readonly string[];
  /** Of a topic only. */
  readonly attributes: Readonly<Record<string, MessageAttribute>>;
  readonly groupId: string;
  readonly deduplicationId: string;
  readonly carriage: Carriage;
  /** Absent where the body must be stored elsewhere first. */
  readonly content?: MessageText;
}

export interface SendRules {
  readonly topology: Topology;
  readonly plan: AwsPlan;
  readonly capabilities: BrokerCapabilities;
  readonly runtime: Runtime;
  /** Whether bodies that are too large can be stored beside the queue. */
  readonly storesPayloads: boolean;
}

const MAX_BYTES: Readonly<Record<Way, number>> = {
  queues: SQS_MAX_BYTES,
  topic: SNS_MAX_BYTES,
  'delay-queue': SQS_MAX_BYTES,
  schedule: SCHEDULE_MAX_BYTES,
};

const NONE = {};

export function planSend(rules: SendRules, message: OutgoingMessage): PlannedSend | Refusal {
  const { topology, capabilities, runtime } = rules;
  const nowMs = runtime.clock.now();
  const hasQueue = (name: string): boolean => topology.queues[name] !== undefined;
  const queues = planPublish({ capabilities, nowMs, topology, hasQueue }, message);
  if ('status' in queues) return queues;
  const way = wayOf(rules, message, nowMs);
  const { exchange, routingKey, headers, correlationId } = message;
  // One that nobody asked for: unique, so that nothing is dropped for it, and the same in every try of this send.
  const deduplicationId = message.deduplicationId ?? `${correlationId}:${runtime.newId()}`;
  const send = {
    way,
    message,
    queues,
    attributes: way === 'topic' ? attributesFor(rules.plan, exchange, { routingKey, headers }) : NONE,
    groupId: groupIdOf(message),
    deduplicationId: fittingId(deduplicationId),
  };
  return withContent(rules, { ...send, carriage: carriageOf(message, way, deduplicationId) });
}

/** The send whose body is in the payload store under this key. */
export function withBodyElsewhere(send: PlannedSend, bodyKey: string): PlannedSend | Refusal {
  const carriage = { ...send.carriage, bodyKey };
  const content = messageText({ ...send.message, body: '' }, carriage, keyOf(send));
  return refuseLarge(sizeOf(content, send), MAX_BYTES[send.way]) ?? { ...send, carriage, content };
}

function withContent(rules: SendRules, send: PlannedSend): PlannedSend | Refusal {
  const { message, way } = send;
  const limit = MAX_BYTES[way];
  // More characters than bytes are allowed: not worth encoding only to measure it.
  if (message.body.length <= limit) {
    const content = messageText(message, send.carriage, keyOf(send));
    if (sizeOf(content, send) <= limit) return { ...send, content };
  }
  const size = Buffer.byteLength(message.body) + Buffer.byteLength(JSON.stringify(message.headers));
  const { maxMessageBytes } = rules.capabilities;
  if (rules.storesPayloads && size <= maxMessageBytes) return send;
  const allowed = rules.storesPayloads ? maxMessageBytes : Math.min(limit, maxMessageBytes);
  const reason = `the message has ${size} bytes of body and headers, more as JSON; at most ${allowed} are allowed`;
  return refusal('message-too-large', reason);
}

/** What Celery reads as its queue. Copies that an exchange makes have one text, and so the key that they came by. */
function keyOf({ message: { exchange, routingKey } }: PlannedSend): string {
  return exchange === '' ? awsNames.celeryQueue(routingKey) : routingKey;
}

function wayOf({ plan }: SendRules, message: OutgoingMessage, nowMs: number): Way {
  const { dueAtMs, exchange } = message;
  if (dueAtMs !== undefined && dueAtMs > nowMs) {
    return dueAtMs - nowMs <= MAX_QUEUE_DELAY_SECONDS * 1000 ? 'delay-queue' : 'schedule';
  }
  return exchange === '' || mustRoute(plan, message) ? 'queues' : 'topic';
}

function carriageOf(message: OutgoingMessage, way: Way, deduplicationId: string): Carriage {
  const { messageGroup, exchange, routingKey, dueAtMs } = message;
  const isLater = way === 'delay-queue' || way === 'schedule';
  return {
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(message.deduplicationId === undefined && !isLater ? undefined : { deduplicationId }),
    ...(exchange === '' ? undefined : { exchange, routingKey }),
    ...(isLater && dueAtMs !== undefined ? { queue: routingKey, dueAtMs } : undefined),
  };
}

/** Attributes count with their names and types (SNS API, Publish); four bytes is the most that a character takes. */
export function sizeOf({ bytes }: MessageText, { attributes }: Pick<PlannedSend, 'attributes'>): number {
  let size = bytes;
  for (const [name, { DataType, StringValue }] of Object.entries(attributes)) {
    size += name.length + DataType.length + StringValue.length * 4;
  }
  return size;
}
