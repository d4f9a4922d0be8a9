/** A request of remote control as Celery's clients send it (kombu/pidbox.py `_publish`). */
import { encodeJson } from '../celery/tagged-json.ts';
import type { ControlMessage, ControlReplyTarget } from '../control-bus.ts';

export interface RequestParts {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  /** Names of nodes. @default all */
  readonly destination?: readonly string[] | undefined;
  /** The asker's logical clock. */
  readonly clock: number;
  /** Until when an answer is waited for (ms since the epoch). @default none is */
  readonly expiresMs?: number;
  readonly reply?: { readonly ticket: string; readonly to: ControlReplyTarget };
}

/** @throws CellarError `bad-value` for an argument that JSON cannot carry */
export function composeRequest({ method, args, destination, clock, expiresMs, reply }: RequestParts): ControlMessage {
  const request = {
    method,
    arguments: args,
    destination: destination ?? null,
    pattern: null,
    matcher: null,
    ...(reply === undefined
      ? undefined
      : { ticket: reply.ticket, reply_to: { exchange: reply.to.exchange, routing_key: reply.to.routingKey } }),
  };
  const expires = expiresMs === undefined ? 0 : expiresMs / 1000;
  return { headers: { clock, expires }, body: encodeJson(request) };
}
