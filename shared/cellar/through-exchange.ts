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

/** A message on its way through an exchange, and the queues that it matches by the topology. */
export interface RoutedPublication {
  readonly message: OutgoingMessage;
  readonly queues: readonly string[];
}

/**
 * The same message, addressed to an exchange. Each queue's copy runs under an id of its own, which
 * its worker derives from the message's id and the queue; the header tells it to.
 * @throws CellarError `unknown-exchange`
 */
export function throughExchange(
  direct: OutgoingMessage,
  target: ExchangeTarget,
  topology: Topology,
): RoutedPublication {
  const { exchange, routingKey } = target;
  const message = exchange === '' ? { ...direct, routingKey } : addressed(direct, target);
  return { message, queues: route(topology, exchange, { routingKey, headers: message.headers }) };
}

function addressed(
  direct: OutgoingMessage,
  { exchange, routingKey, mandatory = false }: ExchangeTarget,
): OutgoingMessage {
  const headers = { ...direct.headers, [EXCHANGE_HEADER]: exchange };
  return { ...direct, headers, exchange, routingKey, ...(mandatory ? { mandatory } : undefined) };
}
