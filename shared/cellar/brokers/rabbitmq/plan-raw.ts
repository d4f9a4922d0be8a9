/** What becomes of a message before it is sent: refused, sent as it is, or after something was made or looked up. */
import type { BrokerCapabilities, OutgoingMessage } from '../../broker.ts';
import { CellarError } from '../../errors.ts';
import { route } from '../../routing/route.ts';
import type { Topology } from '../../topology.ts';
import { type Refusal, refusal, refuseLarge } from '../plan-publish.ts';
import { delayRoute } from './delay-levels.ts';
import { MAX_HEADER_BYTES } from './refusals.ts';
import { type RawMessage, rawMessage } from './wire.ts';

export interface RawPlan {
  readonly raw: RawMessage;
  /** An exchange that must be there, lest its absence close the channel for all. */
  readonly exchange?: string;
  /** A queue to which delayed messages must find their way. */
  readonly delayedFor?: string;
}

export interface RawRules {
  readonly topology: Topology;
  readonly capabilities: BrokerCapabilities;
  readonly nowMs: number;
}

export function planRaw(rules: RawRules, message: OutgoingMessage): RawPlan | Refusal {
  const unsupported = unsupportedBy(rules, message);
  if (unsupported !== undefined) return refusal('not-supported', unsupported);
  const large = refuseLargeBody(message, rules.capabilities.maxMessageBytes);
  return large ?? uncheckedPlan(message, rules.nowMs);
}

/** Of a message that was accepted before. */
export function uncheckedPlan(message: OutgoingMessage, nowMs: number): RawPlan {
  const { exchange, routingKey, dueAtMs } = message;
  if (exchange !== '') return { raw: rawMessage(message), exchange };
  if (dueAtMs === undefined || dueAtMs <= nowMs) return { raw: rawMessage({ ...message, mandatory: true }) };
  return delayed(message, dueAtMs - nowMs, routingKey);
}

/** Whole seconds, rounded up: never early. */
function delayed(message: OutgoingMessage, delayMs: number, queue: string): RawPlan {
  const place = delayRoute(Math.ceil(delayMs / 1000), queue);
  return { raw: rawMessage({ ...message, ...place, mandatory: false }), delayedFor: queue };
}

function unsupportedBy(rules: RawRules, message: OutgoingMessage): string | undefined {
  const { exchange, dueAtMs, messageGroup, priority = 0 } = message;
  const { nowMs, capabilities } = rules;
  const delaySeconds = dueAtMs === undefined ? 0 : (dueAtMs - nowMs) / 1000;
  if (delaySeconds > 0 && exchange !== '')
    return `a delayed message goes to a queue, got exchange '${exchange}'; route first, then delay each copy`;
  if (delaySeconds > capabilities.maxDelaySeconds)
    return `a delay of ${delaySeconds} seconds is not supported; at most ${capabilities.maxDelaySeconds} are allowed`;
  if (messageGroup !== undefined) {
    const plain = targets(rules.topology, message).find((queue) => rules.topology.queues[queue]?.ordered !== true);
    if (plain !== undefined)
      return `message groups are kept in ordered queues only, got queue '${plain}'; declare it with ordered: true`;
  }
  if (priority === 0) return undefined;
  const flat = targets(rules.topology, message).find((queue) => (rules.topology.queues[queue]?.maxPriority ?? 0) === 0);
  if (flat === undefined) return undefined;
  return `priority ${priority} is not supported by queue '${flat}'; declare it with maxPriority`;
}

/** The queues that get it as far as this program's topology says; another program may have bound more. */
function targets(topology: Topology, { exchange, routingKey, headers }: OutgoingMessage): readonly string[] {
  if (exchange === '') return [routingKey];
  try {
    return route(topology, exchange, { routingKey, headers });
  } catch (error) {
    if (error instanceof CellarError) return []; // unknown here: the server says whether it is there
    throw error;
  }
}

/** Headers count only where they may matter: to weigh them costs as much as to send them. */
function refuseLargeBody({ body, headers }: OutgoingMessage, maxBytes: number): Refusal | undefined {
  const bytes = typeof body === 'string' && body.length * 3 > maxBytes ? Buffer.byteLength(body) : body.length;
  if (bytes + MAX_HEADER_BYTES <= maxBytes) return undefined;
  return refuseLarge(bytes + Buffer.byteLength(JSON.stringify(headers)), maxBytes);
}
