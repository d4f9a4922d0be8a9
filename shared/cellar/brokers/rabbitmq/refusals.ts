/** Why RabbitMQ, or the encoding of AMQP, takes a message over or not. */
import { messageOf } from '../../exception.ts';
import { type Refusal, refusal } from '../plan-publish.ts';
import { REPLY, replyCodeOf, serverText } from './faults.ts';

/** The server negatively confirmed it, again and again. */
export const NOT_STORED: Refusal = refusal(
  'broker-unavailable',
  'RabbitMQ could not store the message: its queue is full or has lost its nodes',
);

/** It came back because no queue took it. */
export function returnedRefusal(exchange: string, routingKey: string): Refusal {
  if (exchange === '') return unknownQueue(routingKey);
  const text = `no queue of exchange '${exchange}' matches the routing key '${routingKey}'`;
  return refusal('unroutable', text);
}

export function unknownQueue(queue: string): Refusal {
  return refusal('unknown-queue', `there is no queue '${queue}'; declare it in the topology`);
}

export function unknownExchange(exchange: string): Refusal {
  return refusal('unknown-exchange', `there is no exchange '${exchange}'; declare it in the topology`);
}

/** The exchange for which the server closed a channel that published, and why. */
export function refusedExchange(error: unknown): { readonly exchange: string; readonly refusal: Refusal } | undefined {
  const [, exchange] = /exchange '([^']*)' in vhost/.exec(serverText(error)) ?? [];
  if (exchange === undefined) return undefined;
  const code = replyCodeOf(error);
  if (code === REPLY.notFound) return { exchange, refusal: unknownExchange(exchange) };
  if (code === REPLY.accessRefused) return { exchange, refusal: refusal('not-supported', serverText(error)) };
  return undefined;
}

/** All headers of a message must fit into one frame; the client's library encodes at most this many bytes of them. */
export const MAX_HEADER_BYTES = 65_536;

/** What could not be written as AMQP has it. */
export function refusedEncoding(error: unknown): Refusal {
  const text = messageOf(error);
  if (/field table/i.test(text)) {
    const sentence = `the headers of the message are too large; at most ${MAX_HEADER_BYTES} bytes of headers are allowed`;
    return refusal('message-too-large', sentence);
  }
  return refusal('not-supported', `the message cannot be written in AMQP: ${text}`);
}
