import type { SqsMessage } from '../../aws/calls.ts';
import type { Delivery } from '../../broker.ts';
import { decodeEnvelope } from '../../celery/sqs-envelope.ts';
import { askedGroup } from './message-ids.ts';

/** What a receive call must ask for, so that {@link deliveryOf} finds it. */
export const DELIVERY_ATTRIBUTES = ['ApproximateReceiveCount', 'SentTimestamp', 'MessageGroupId'] as const;

/** The delivery in a message of SQS; `visibleAtMs` says until when its receipt holds. */
export function deliveryOf(
  { MessageId, ReceiptHandle, Body, Attributes = {} }: SqsMessage,
  { queue, visibleAtMs }: { readonly queue: string; readonly visibleAtMs: number },
): Delivery {
  const { message, carriage } = decodeEnvelope(Body);
  const { deduplicationId, exchange, routingKey, bodyKey } = carriage;
  const source = { messageGroup: carriage.messageGroup, deduplicationId, correlationId: message.correlationId };
  const messageGroup = askedGroup(source, Attributes.MessageGroupId);
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
    enqueuedAtMs: Number(Attributes.SentTimestamp ?? 0),
    visibleAtMs,
  };
}
