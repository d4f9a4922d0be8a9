/** Ends deliveries on SQS, after what they publish and their results are safe. */
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type {
  Broker,
  Delivery,
  Disposition,
  OutgoingMessage,
  PublishOutcome,
  Settlement,
  SettleOutcome,
} from '../../broker.ts';
import type { Carriage } from '../../celery/sqs-envelope.ts';
import type { Runtime } from '../../clock.ts';
import type { ResultStore } from '../../result-store.ts';
import { settleInOrder } from '../settle-in-order.ts';
import type { Batches } from './batches.ts';
import { type EntryFault, isStaleReceipt } from './faults.ts';
import { fittingId, groupIdOf } from './message-ids.ts';
import { messageText } from './message-text.ts';
import type { Receipts } from './receipts.ts';

/**
 * Who takes a message off its queue: `delete`, this process; `by-return`, SQS itself for a Lambda function, which
 * reports what is not to be deleted.
 */
export type Acknowledge = 'delete' | 'by-return';

export interface SettleParts {
  readonly location: AwsLocation;
  readonly runtime: Runtime;
  readonly batches: Batches;
  readonly results: ResultStore;
  readonly acknowledge: Acknowledge;
  readonly receipts: Receipts;
  readonly publish: (messages: readonly OutgoingMessage[]) => Promise<readonly PublishOutcome[]>;
}

/** Longest visibility timeout of SQS. */
export const MAX_VISIBILITY_SECONDS = 43_200;

const SETTLED: SettleOutcome = { status: 'settled' };
const STALE: SettleOutcome = { status: 'stale' };

export function awsSettle(parts: SettleParts): Broker['settle'] {
  const { batches, results, acknowledge, receipts, publish } = parts;
  const { prefix } = parts.location;

  async function remove({ queue, receipt }: Delivery): Promise<SettleOutcome> {
    if (acknowledge === 'by-return') return SETTLED;
    const deletes = batches.deletes(awsNames.queue(prefix, queue), () => receipts.held(queue) > 0);
    return outcomeOf(await deletes.add({ ReceiptHandle: receipt }, { bytes: 0 }));
  }

  /** Sent before it is deleted: a crash in between leaves it in both queues, never in none. */
  async function bury(delivery: Delivery, reason: string): Promise<SettleOutcome> {
    const { text, bytes } = messageText(delivery.message, deadCarriage(delivery, reason, parts.runtime.clock.now()));
    const { messageGroup, message, messageId = delivery.receipt } = delivery;
    const group = groupIdOf({ messageGroup, correlationId: message.correlationId || messageId });
    // A message dies once: what comes again after such a crash is the same dead letter.
    const MessageDeduplicationId = fittingId(`dead:${messageId}`);
    const entry = { MessageBody: text, MessageGroupId: group, MessageDeduplicationId };
    const dead = batches.sends(awsNames.deadLetterQueue(prefix, delivery.queue));
    const fault = await dead.add(entry, { bytes, group });
    if (fault !== undefined) return failed(`the dead-letter queue did not take it: ${fault.message}`);
    return await remove(delivery);
  }

  async function release({ queue, receipt }: Delivery, delaySeconds: number): Promise<SettleOutcome> {
    const VisibilityTimeout = Math.min(MAX_VISIBILITY_SECONDS, Math.max(0, Math.ceil(delaySeconds)));
    const visibilities = batches.visibilities(awsNames.queue(prefix, queue));
    return outcomeOf(await visibilities.add({ ReceiptHandle: receipt, VisibilityTimeout }, { bytes: 0 }));
  }

  function finish(delivery: Delivery, disposition: Disposition): Promise<SettleOutcome> {
    if (disposition.kind === 'ack') return remove(delivery);
    if (disposition.kind === 'dead') return bury(delivery, disposition.reason);
    return release(delivery, disposition.delaySeconds);
  }

  const steps = {
    publish,
    store: (update: Parameters<ResultStore['store']>[0][number]) => results.store([update]),
    finish: (some: readonly Settlement[]) =>
      Promise.all(some.map(({ delivery, disposition }) => finish(delivery, disposition))),
  };

  return async (settlements) => {
    const fresh = settlements.filter(({ delivery }) => receipts.settle(delivery.receipt));
    const isFresh = new Set(fresh);
    const outcomes = (await settleInOrder(fresh, steps)).values();
    return settlements.map((settlement) => {
      if (!isFresh.has(settlement)) return STALE;
      const outcome = outcomes.next().value ?? failed('the broker gave no answer');
      if (outcome.status === 'failed') receipts.unsettle(settlement.delivery.receipt);
      return outcome;
    });
  };
}

function deadCarriage(delivery: Delivery, reason: string, diedAtMs: number): Carriage {
  const { messageGroup, exchange, routingKey, bodyKey } = delivery;
  return {
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(exchange === undefined ? undefined : { exchange }),
    ...(routingKey === undefined ? undefined : { routingKey }),
    ...(bodyKey === undefined ? undefined : { bodyKey }),
    reason,
    diedAtMs,
  };
}

function outcomeOf(fault: EntryFault | undefined): SettleOutcome {
  if (fault === undefined) return SETTLED;
  return isStaleReceipt(fault) ? STALE : failed(`${fault.awsCode}: ${fault.message}`);
}

function failed(reason: string): SettleOutcome {
  return { status: 'failed', reason };
}
