/** The batches of an application: one {@link Batcher} for each kind of request to each queue or topic. */
import type { AwsCalls, SnsPublishEntry, SqsSendEntry } from '../../aws/calls.ts';
import { type AwsLocation, queueUrl, topicArn } from '../../aws/location.ts';
import type { Runtime } from '../../clock.ts';
import { Batcher, FILL_FOR_MS } from './batcher.ts';
import { SNS_MAX_BYTES, SQS_MAX_BYTES } from './limits.ts';

/** How long deletes are waited for while a worker has other messages in hand; nothing waits for these but their groups. */
const FILL_DELETES_FOR_MS = 50;

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
  /** `expectsMore` says whether further deletes will follow soon: then they are waited for a little longer. */
  deletes(queueName: string, expectsMore?: () => boolean): Batcher<ReceiptEntry>;
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
    deletes: byName((name, expectsMore) => {
      const QueueUrl = urlOf(name);
      const request: Request<ReceiptEntry> = (Entries) => calls.call('sqs:DeleteMessageBatch', { QueueUrl, Entries });
      const fillForMs = () => (expectsMore?.() === true ? FILL_DELETES_FOR_MS : FILL_FOR_MS);
      return new Batcher({ runtime, maxBytes: SQS_MAX_BYTES, request, fillForMs });
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

function byName<Value, Option>(
  make: (name: string, option?: Option) => Value,
): (name: string, option?: Option) => Value {
  const made = new Map<string, Value>();
  return (name, option) => {
    const found = made.get(name) ?? make(name, option);
    made.set(name, found);
    return found;
  };
}
