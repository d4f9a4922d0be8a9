/** SQS events as Lambda gets them (docs: Using Lambda with Amazon SQS), to and from deliveries. */
import type { Delivery } from '../broker.ts';
import { askedGroup } from '../brokers/aws/message-ids.ts';
import { type Carriage, decodeEnvelope, encodeEnvelope } from '../celery/sqs-envelope.ts';

/** One record of an SQS event; the parts that are read. */
export interface SqsRecord {
  readonly messageId: string;
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: {
    readonly ApproximateReceiveCount: string;
    readonly SentTimestamp: string;
    readonly MessageGroupId?: string;
    readonly [name: string]: string | undefined;
  };
  readonly messageAttributes: Readonly<Record<string, unknown>>;
  readonly md5OfBody: string;
  readonly eventSource: string;
  readonly eventSourceARN: string;
  readonly awsRegion: string;
}

export interface SqsEvent {
  readonly Records: readonly SqsRecord[];
}

/** The answer of a function with ReportBatchItemFailures: what is named comes again. */
export interface SqsBatchResponse {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

/** A delivery as the record that an event source mapping would hand to a function. */
export function toSqsRecord(delivery: Delivery, region = 'local'): SqsRecord {
  const { queue, exchange, routingKey, bodyKey } = delivery;
  const carriage: Carriage = {
    queue,
    ...(exchange === undefined ? undefined : { exchange }),
    ...(routingKey === undefined ? undefined : { routingKey }),
    ...(bodyKey === undefined ? undefined : { bodyKey }),
  };
  return {
    messageId: delivery.messageId ?? delivery.receipt,
    receiptHandle: delivery.receipt,
    body: encodeEnvelope(delivery.message, carriage),
    attributes: {
      ApproximateReceiveCount: String(delivery.deliveryCount),
      SentTimestamp: String(delivery.enqueuedAtMs),
      ...(delivery.messageGroup === undefined ? undefined : { MessageGroupId: delivery.messageGroup }),
    },
    messageAttributes: {},
    md5OfBody: '',
    eventSource: 'aws:sqs',
    eventSourceARN: `arn:aws:sqs:${region}:000000000000:${delivery.queue}.fifo`,
    awsRegion: region,
  };
}

/** The delivery in a record, of the queue that the function serves. */
export function fromSqsRecord(record: SqsRecord, queue: string): Delivery {
  const { MessageGroupId, ApproximateReceiveCount: count, SentTimestamp: sent } = record.attributes;
  const { message, carriage } = decodeEnvelope(record.body);
  // Emulators leave the group out; where AWS has one it may be derived, or the hash of a longer one.
  const messageGroup = askedGroup({ ...carriage, correlationId: message.correlationId }, MessageGroupId);
  const { exchange, routingKey, bodyKey } = carriage;
  return {
    queue,
    receipt: record.receiptHandle,
    messageId: record.messageId,
    message,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(exchange === undefined ? undefined : { exchange }),
    ...(routingKey === undefined ? undefined : { routingKey }),
    ...(bodyKey === undefined ? undefined : { bodyKey }),
    deliveryCount: Number(count),
    enqueuedAtMs: Number(sent),
  };
}
