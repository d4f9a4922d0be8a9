/**
 * How often a message was started without coming to an outcome: its process died. A broker that counts exactly says so;
 * where each receive is counted, also of a message that was given back or shared a batch with the one that killed the
 * process, the starts of those that come again are counted in a store.
 */
import type { Delivery } from '../broker.ts';
import { describeError } from '../exception.ts';
import type { WorkerEnvironment } from './execution.ts';

/** Whether the starts of this delivery's message are counted in the store: it comes again, and the broker does not know why. */
export function isCounted({ deliveryCount, messageId }: Delivery, environment: WorkerEnvironment): boolean {
  const { capabilities, attempts } = environment;
  const isKnown = messageId !== undefined && attempts !== undefined;
  return capabilities.deliveryCount === 'every-receive' && deliveryCount > 1 && isKnown;
}

/** The starts of a message that is not counted in the store, this one included. */
export function knownStarts({ deliveryCount }: Delivery, { capabilities }: WorkerEnvironment): number {
  return capabilities.deliveryCount === 'exact' ? deliveryCount : 1;
}

/** Notes a start; answers how many there were, this one included. */
export async function noteStart({ messageId = '' }: Delivery, { attempts }: WorkerEnvironment): Promise<number> {
  return (await attempts?.begin(messageId)) ?? 1;
}

/** Takes back what `noteStart` noted: the start came to an outcome. Never rejects. */
export async function noteEnd(delivery: Delivery, environment: WorkerEnvironment): Promise<void> {
  try {
    await environment.attempts?.ended(delivery.messageId ?? '');
  } catch (error) {
    const fields = { queue: delivery.queue, id: delivery.message.correlationId };
    environment.log.warn(`a start counts although it came to an outcome: ${describeError(error)}`, fields);
  }
}
