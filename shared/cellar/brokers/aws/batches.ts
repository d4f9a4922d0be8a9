/** The batches of an application: one {@link Batcher} for each kind of request to each queue or topic. */
import type { AwsCalls, SnsPublishEntry, SqsSendEntry } from '../../aws/calls.ts';
import { type AwsLocation, queueUrl, topicArn } from '../../aws/location.ts';
import type { Runtime } from '../../clock.ts';
import { Batcher } from './batcher.ts';
import { SNS_MAX_BYTES, SQS_MAX_BYTES } from './limits.ts';

type SqsSend = Omit<SqsSendEntry, 'Id'>;
type SnsPublish = Omit<SnsPublishEntry, 'Id'>;

interface ReceiptEntry {
  readonly ReceiptHandle: string;
}
interface VisibilityEntry extends ReceiptEntry {
  readonly VisibilityTimeout: number;
}

/** Each method takes the name on AWS and gives the same batcher for the same name. */
export interface Batches {
  sends(queueName: string): Batcher<SqsSend>;
  publishes(topicName: string): Batcher<SnsPublish>;
  deletes(queueName: string): Batcher<ReceiptEntry>;
  visibilities(queueName: string): Batcher<VisibilityEntry>;
}

export interface BatchesParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
}

export function openBatches({ calls, location, runtime }: BatchesParts): Batches {
  const urlOf = (name: string): string => queueUrl(location, name);
  return {
    sends: byName((name) => {
      const QueueUrl = urlOf(name);
      const request: Request<SqsSend> = (Entries) => calls.call('sqs:SendMessageBatch', { QueueUrl, Entries });
      return new Batcher({ runtime, maxBytes: SQS_MAX_BYTES, request });
    }),
    publishes: byName((name) => {
      const TopicArn = topicArn(location, name);
      const request: Request<SnsPublish> = (PublishBatchRequestEntries) =>
        calls.call('sns:PublishBatch', { TopicArn, PublishBatchRequestEntries });
      return new Batcher({ runtime, maxBytes: SNS_MAX_BYTES, request });
    }),
    deletes: byName((name) => {
      const QueueUrl = urlOf(name);
      const request: Request<ReceiptEntry> = (Entries) => calls.call('sqs:DeleteMessageBatch', { QueueUrl, Entries });
      return new Batcher({ runtime, maxBytes: SQS_MAX_BYTES, request });
    }),
    visibilities: byName((name) => {
      const QueueUrl = urlOf(name);
      const request: Request<VisibilityEntry> = (Entries) =>
        calls.call('sqs:ChangeMessageVisibilityBatch', { QueueUrl, Entries });
      return new Batcher({ runtime, maxBytes: SQS_MAX_BYTES, request });
    }),
  };
}

type Request<Entry extends object> = ConstructorParameters<typeof Batcher<Entry>>[0]['request'];

function byName<Value>(make: (name: string) => Value): (name: string) => Value {
  const made = new Map<string, Value>();
  return (name) => {
    const found = made.get(name) ?? make(name);
    made.set(name, found);
    return found;
  };
}
