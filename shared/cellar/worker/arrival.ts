/** What is decided about a delivery before it is read: whether it is meant for this queue, and where its body is. */
import type { Delivery, WireMessage } from '../broker.ts';
import { route } from '../routing/route.ts';
import type { WorkerEnvironment } from './execution.ts';

/** Whether a copy is here only because the broker's filters let too much through: no binding brings it to this queue. */
export async function isStray(delivery: Delivery, { topology, needsRecheck }: WorkerEnvironment): Promise<boolean> {
  const { exchange, routingKey = '', queue, message } = delivery;
  if (exchange === undefined || (await needsRecheck?.(exchange, queue)) !== true) return false;
  return !route(topology, exchange, { routingKey, headers: message.headers }).includes(queue);
}

/**
 * The message with its body, which may be elsewhere because it was too large to travel; `undefined` when it is gone.
 * @throws CellarError `store-unavailable`
 */
export async function withBody(
  { message, bodyKey }: Delivery,
  { payloads }: WorkerEnvironment,
): Promise<WireMessage | undefined> {
  if (bodyKey === undefined) return message;
  const body = await payloads?.get(bodyKey);
  return body === undefined ? undefined : { ...message, body };
}
