import { CreateQueueCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { type AwsLocation, awsNames, queueArn, queueUrl, topicArn } from '../../../aws/location.ts';
import type { AwsPlan } from '../../../aws/plan.ts';

/** The distant backstop behind the worker's own count of attempts: every receive counts, also of innocent neighbours. */
const MAX_RECEIVES = 100;
/** How often the delay queue's forwarder may fail. */
const MAX_FORWARDS = 20;
const FOURTEEN_DAYS = '1209600';

type Attributes = Readonly<Record<string, string>>;

/** High throughput (SQS developer guide): order and deduplication within a message group. */
const FIFO: Attributes = {
  FifoQueue: 'true',
  DeduplicationScope: 'messageGroup',
  FifoThroughputLimit: 'perMessageGroupId',
};
const KEPT: Attributes = { MessageRetentionPeriod: FOURTEEN_DAYS };

/** The FIFO queues of the plan with their dead-letter queues, the delay queue, and the queue of what was not delivered. */
export async function createQueues(location: AwsLocation, { queues }: AwsPlan): Promise<void> {
  const client = new SQSClient(location);
  const { prefix } = location;

  async function create(name: string, kind: Attributes, settings: Attributes): Promise<void> {
    // Settings apart: a queue that exists with others is a conflict when it is made, and is none when they are set.
    await client.send(new CreateQueueCommand({ QueueName: name, Attributes: { ...kind } }));
    await client.send(
      new SetQueueAttributesCommand({ QueueUrl: queueUrl(location, name), Attributes: { ...settings } }),
    );
  }

  const redriveTo = (name: string, maxReceiveCount: number): Attributes => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn(location, name), maxReceiveCount }),
  });

  try {
    await Promise.all([
      ...queues.map(async ({ queueName, deadLetterQueueName, visibilityTimeoutSeconds }) => {
        await create(deadLetterQueueName, FIFO, KEPT);
        await create(queueName, FIFO, {
          ...KEPT,
          ...redriveTo(deadLetterQueueName, MAX_RECEIVES),
          VisibilityTimeout: String(visibilityTimeoutSeconds),
          Policy: topicsMaySend(location, queueName),
        });
      }),
      (async () => {
        const undelivered = awsNames.undeliveredQueue(prefix);
        await create(undelivered, {}, KEPT);
        await create(awsNames.delayQueue(prefix), {}, { ...KEPT, ...redriveTo(undelivered, MAX_FORWARDS) });
      })(),
    ]);
  } finally {
    client.destroy();
  }
}

/** The queue's policy: topics of this application may send to it. */
function topicsMaySend(location: AwsLocation, queueName: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Principal: { Service: 'sns.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Resource: queueArn(location, queueName),
        Condition: { ArnLike: { 'aws:SourceArn': topicArn(location, `${location.prefix}-*`) } },
      },
    ],
  });
}
