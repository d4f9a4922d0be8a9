import type { BrokerCapabilities, OutgoingMessage, PublishOutcome } from '../broker.ts';
import { CellarError } from '../errors.ts';
import { route } from '../routing/route.ts';
import type { Topology } from '../topology.ts';

export type Refusal = Extract<PublishOutcome, { status: 'refused' }>;

/** What decides about a message before it is stored. */
export interface PublishRules {
  readonly capabilities: BrokerCapabilities;
  readonly nowMs: number;
  readonly topology: Topology;
  /** Whether a queue of that name exists, declared here or by another process. */
  readonly hasQueue: (name: string) => boolean;
}

/** The queues that get a copy of this message, or why it is refused; for brokers that route by themselves. */
export function planPublish(rules: PublishRules, message: OutgoingMessage): readonly string[] | Refusal {
  const unsupported = unsupportedBy(rules, message);
  if (unsupported !== undefined) return refusal('not-supported', unsupported);
  const routed = message.exchange !== '' || message.headers['CC'] !== undefined || message.headers['BCC'] !== undefined;
  if (!routed && rules.hasQueue(message.routingKey)) return [message.routingKey];
  const queues = routed ? routeExchange(rules.topology, message) : [];
  if (!Array.isArray(queues) || queues.length > 0 || message.exchange !== '') return queues;
  return refusal('unknown-queue', `there is no queue '${message.routingKey}'; declare it in the topology`);
}

/** Why a message of this many bytes is refused, if it is. */
export function refuseLarge(bytes: number, maxBytes: number): Refusal | undefined {
  if (bytes <= maxBytes) return undefined;
  return refusal(
    'message-too-large',
    `the message has ${bytes} bytes of body and headers; at most ${maxBytes} are allowed`,
  );
}

export function refusal(code: Refusal['code'], reason: string): Refusal {
  return { status: 'refused', code, reason };
}

function unsupportedBy({ capabilities, nowMs }: PublishRules, message: OutgoingMessage): string | undefined {
  const { dueAtMs, priority } = message;
  if (priority !== undefined && priority !== 0 && capabilities.priority !== 'every-queue')
    return `priority ${priority} is not supported by this broker; only 0 is allowed`;
  if (dueAtMs === undefined || dueAtMs <= nowMs) return undefined;
  if (message.exchange !== '')
    return `a delayed message goes to a queue, got exchange '${message.exchange}'; route first, then delay each copy`;
  const seconds = (dueAtMs - nowMs) / 1000;
  if (seconds <= capabilities.maxDelaySeconds) return undefined;
  return `a delay of ${seconds} seconds is not supported; at most ${capabilities.maxDelaySeconds} are allowed`;
}

function routeExchange(topology: Topology, message: OutgoingMessage): readonly string[] | Refusal {
  try {
    const { routingKey, headers } = message;
    const queues = route(topology, message.exchange, { routingKey, headers });
    if (queues.length > 0 || message.mandatory !== true) return queues;
    return refusal('unroutable', `no queue of exchange '${message.exchange}' matches the routing key '${routingKey}'`);
  } catch (error) {
    if (!(error instanceof CellarError)) throw error;
    return refusal(error.code === 'unknown-exchange' ? error.code : 'not-supported', error.message);
  }
}
