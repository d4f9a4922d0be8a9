/**
 * How often a message was started without coming to an outcome: its process died. A broker that counts exactly says so;
 * where each receive is counted, also of a message that was given back or shared a batch with the one that killed the
 * process, the starts of those that come again are counted in a store, if there is one.
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

/**
 * Those that run with nothing beside them, because they may be what killed their process. Never rejects.
 *
 * Each that comes again is one; where each receive counts, not one that was given back, nor from its third delivery on
 * one with no start noted: its second start would have been.
 */
export async function suspectsAmong(
  deliveries: readonly Delivery[],
  environment: WorkerEnvironment,
): Promise<ReadonlySet<Delivery>> {
  const again = deliveries.filter(({ deliveryCount, wasGivenBack }) => deliveryCount > 1 && wasGivenBack !== true);
  const noted = again.filter((delivery) => delivery.deliveryCount > 2 && isCounted(delivery, environment));
  if (noted.length === 0) return new Set(again);
  const unfinished = await unfinishedAmong(noted, environment);
  const isCleared = new Set(noted.filter(({ messageId = '' }) => !unfinished.has(messageId)));
  return new Set(again.filter((delivery) => !isCleared.has(delivery)));
}

/** All of them where the store does not say. */
async function unfinishedAmong(
  deliveries: readonly Delivery[],
  { attempts, log, queue }: WorkerEnvironment,
): Promise<ReadonlySet<string>> {
  const ids = deliveries.map(({ messageId = '' }) => messageId);
  try {
    return (await attempts?.unfinished(ids)) ?? new Set(ids);
  } catch (error) {
    log.warn(`cannot ask which starts came to no outcome: ${describeError(error)}; they run one by one`, { queue });
    return new Set(ids);
  }
}

/**
 * Whether the broker's own count stands for the starts: it is exact, or there is no store that counts better. A death of the
 * process then counts against all that it holds.
 */
export function countsDeliveries({ capabilities, attempts }: WorkerEnvironment): boolean {
  const { deliveryCount } = capabilities;
  return deliveryCount === 'exact' || (deliveryCount === 'every-receive' && attempts === undefined);
}

/** The starts of a message that is not counted in the store, this one included. */
export function knownStarts({ deliveryCount }: Delivery, environment: WorkerEnvironment): number {
  return countsDeliveries(environment) ? deliveryCount : 1;
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
