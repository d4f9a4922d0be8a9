/** Turns a message for a queue into one for an exchange. */
import type { OutgoingMessage } from './broker.ts';
import { EXCHANGE_HEADER } from './message.ts';
import { route } from './routing/route.ts';
import type { Topology } from './topology.ts';

export interface ExchangeTarget {
  readonly exchange: string;
  readonly routingKey: string;
  readonly mandatory?: boolean;
}

/**
 * The same message, addressed to an exchange. Each queue's copy runs under an id of its own, which
 * its worker derives from the message's id and the queue; the header tells it to.
 * @throws CellarError `unknown-exchange`
 */
export function throughExchange(message: OutgoingMessage, target: ExchangeTarget, topology: Topology): OutgoingMessage {
  if (target.exchange === '') return { ...message, routingKey: target.routingKey };
  route(topology, target.exchange, { routingKey: target.routingKey, headers: message.headers });
  return {
    ...message,
    headers: { ...message.headers, [EXCHANGE_HEADER]: target.exchange },
    exchange: target.exchange,
    routingKey: target.routingKey,
    ...(target.mandatory === true ? { mandatory: true } : undefined),
  };
}
