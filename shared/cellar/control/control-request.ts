/** A request of remote control as it arrives, read from JSON of whoever can reach the broker. */
import { decodeJson } from '../celery/tagged-json.ts';
import type { ControlMessage, ControlReplyTarget } from '../control-bus.ts';
import { messageOf } from '../exception.ts';

export interface ControlRequest {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Names of nodes; all where it is absent. */
  readonly destination: readonly unknown[] | undefined;
  readonly pattern: string | undefined;
  readonly matcher: string | undefined;
  readonly ticket: string | null;
  readonly replyTo: ControlReplyTarget | undefined;
  readonly clock: unknown;
  /** Unix time in seconds; 0 = without end. */
  readonly expiresSeconds: number;
}

/** The request, or in words why it is none. */
export function readRequest({ headers, body }: ControlMessage): ControlRequest | string {
  let read: unknown;
  try {
    read = decodeJson(body);
  } catch (error) {
    return `a request that is not JSON: ${messageOf(error)}`;
  }
  if (!isRecord(read) || typeof read.method !== 'string') return 'a request without a method';
  const { method, arguments: args, destination, pattern, matcher, ticket, reply_to: replyTo } = read;
  const { clock, expires } = headers;
  return {
    method,
    args: isRecord(args) ? args : {},
    destination: Array.isArray(destination) && destination.length > 0 ? destination : undefined,
    pattern: textOf(pattern),
    matcher: textOf(matcher),
    ticket: textOf(ticket) ?? null,
    replyTo: replyTargetOf(replyTo),
    clock,
    expiresSeconds: typeof expires === 'number' ? expires : 0,
  };
}

function replyTargetOf(value: unknown): ControlReplyTarget | undefined {
  if (!isRecord(value)) return undefined;
  const { exchange, routing_key: routingKey } = value;
  return typeof exchange === 'string' && typeof routingKey === 'string' ? { exchange, routingKey } : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
