import type { Delivery } from '../../broker.ts';
import { generationOf } from '../../message.ts';
import type { Entry } from './held-messages.ts';
import { DUE_EXCHANGE, WIRE_HEADERS } from './rabbitmq-names.ts';
import { numberHeader, wireMessage } from './wire.ts';

export interface DeliverySettings {
  readonly queue: string;
  readonly hasPriorities: boolean;
}

/** A message that is handed out, as the port has it. */
export function deliveryOf({ raw, receipt, messageGroup, arrivedMs }: Entry, settings: DeliverySettings): Delivery {
  const { queue, hasPriorities } = settings;
  const message = wireMessage(raw);
  const { exchange, routingKey } = raw.fields;
  const { priority, timestamp } = raw.properties;
  const { retries = 0 } = message.headers;
  const isRouted = exchange !== '' && exchange !== DUE_EXCHANGE;
  return {
    queue,
    receipt,
    messageId: `${queue}:${message.correlationId}:${String(retries)}:${generationOf(message.headers)}`,
    message,
    deliveryCount: deliveryCount(raw),
    enqueuedAtMs: typeof timestamp === 'number' ? timestamp * 1000 : arrivedMs,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(hasPriorities && typeof priority === 'number' && priority > 0 ? { priority } : undefined),
    ...(isRouted ? { exchange, routingKey } : undefined),
  };
}

/** A quorum queue counts; a classic one says whether it is the first time. */
function deliveryCount(raw: Entry['raw']): number {
  const before = numberHeader(raw, WIRE_HEADERS.deliveries) ?? 0;
  return 1 + before + (numberHeader(raw, 'x-delivery-count') ?? (raw.fields.redelivered ? 1 : 0));
}
