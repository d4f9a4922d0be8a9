import type { SqsMessage } from '../../aws/calls.ts';
import type { Delivery } from '../../broker.ts';
import { decodeEnvelope } from '../../celery/sqs-envelope.ts';
import { askedGroup } from './message-ids.ts';

/** What a receive call must ask for, so that {@link deliveryOf} finds it. */
export const DELIVERY_ATTRIBUTES = [
  'ApproximateReceiveCount',
  'ApproximateFirstReceiveTimestamp',
  'SentTimestamp',
  'MessageGroupId',
] as const;

export interface ReceiptTimes {
  readonly queue: string;
  /** When it was received (ms since the epoch), and for how long that hides it at least. */
  readonly receivedAtMs: number;
  readonly visibilitySeconds: number;
}

/** The delivery in a message of SQS. */
export function deliveryOf(
  { MessageId, ReceiptHandle, Body, Attributes = {} }: SqsMessage,
  { queue, receivedAtMs, visibilitySeconds }: ReceiptTimes,
): Delivery {
  const { message, carriage } = decodeEnvelope(Body);
  const { deduplicationId, exchange, routingKey, bodyKey } = carriage;
  const source = { messageGroup: carriage.messageGroup, deduplicationId, correlationId: message.correlationId };
  const messageGroup = askedGroup(source, Attributes.MessageGroupId);
  const visibilityMs = visibilitySeconds * 1000;
  // What a process held that died is hidden until then; also by the clock of AWS, as far as it agrees with this one.
  const firstReceivedAtMs = Number(Attributes.ApproximateFirstReceiveTimestamp ?? Number.NEGATIVE_INFINITY);
  return {
    queue,
    receipt: ReceiptHandle,
    messageId: MessageId,
    message,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(exchange === undefined ? undefined : { exchange }),
    ...(routingKey === undefined ? undefined : { routingKey }),
    ...(bodyKey === undefined ? undefined : { bodyKey }),
    deliveryCount: Number(Attributes.ApproximateReceiveCount ?? 1),
    wasGivenBack: receivedAtMs < firstReceivedAtMs + visibilityMs,
    enqueuedAtMs: Number(Attributes.SentTimestamp ?? 0),
    visibleAtMs: receivedAtMs + visibilityMs,
  };
}
