/**
 * How often a message was started without coming to an outcome: its process died. A broker that counts exactly says so;
 * where each receive is counted, also of a message that was given back or shared a batch with the one that killed the
 * process, the starts of those that come again are counted in a store.
 */
import type { Delivery } from '../broker.ts';
import { describeError } from '../exception.ts';
import type { WorkerEnvironment } from './execution.ts';

/** Notes a start; answers how many there were, this one included. A first delivery costs nothing. */
export async function noteStart(delivery: Delivery, environment: WorkerEnvironment): Promise<number> {
  if (environment.capabilities.deliveryCount === 'exact') return delivery.deliveryCount;
  const messageId = countedId(delivery, environment);
  return messageId === undefined ? 1 : ((await environment.attempts?.begin(messageId)) ?? 1);
}

/** Takes back what `noteStart` noted: the start came to an outcome. Never rejects. */
export async function noteEnd(delivery: Delivery, environment: WorkerEnvironment): Promise<void> {
  const messageId = countedId(delivery, environment);
  if (messageId === undefined) return;
  try {
    await environment.attempts?.ended(messageId);
  } catch (error) {
    const fields = { queue: delivery.queue, id: delivery.message.correlationId };
    environment.log.warn(`a start counts although it came to an outcome: ${describeError(error)}`, fields);
  }
}

function countedId({ deliveryCount, messageId }: Delivery, { capabilities }: WorkerEnvironment): string | undefined {
  return capabilities.deliveryCount === 'every-receive' && deliveryCount > 1 ? messageId : undefined;
}
