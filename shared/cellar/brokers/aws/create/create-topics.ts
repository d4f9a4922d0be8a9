import { CreateTopicCommand, SetSubscriptionAttributesCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { type AwsLocation, awsNames, queueArn, topicArn } from '../../../aws/location.ts';
import type { AwsPlan, SubscriptionPlan } from '../../../aws/plan.ts';

/** The FIFO topics of the plan and their subscriptions, with the filter policies as they are now. */
export async function createTopics(location: AwsLocation, { topics, subscriptions }: AwsPlan): Promise<void> {
  const client = new SNSClient(location);
  const Attributes = { FifoTopic: 'true', ContentBasedDeduplication: 'false', FifoThroughputScope: 'MessageGroup' };
  try {
    await Promise.all(
      topics.map(({ topicName }) => client.send(new CreateTopicCommand({ Name: topicName, Attributes }))),
    );
    await Promise.all(subscriptions.map((subscription) => subscribe(client, location, subscription)));
  } finally {
    client.destroy();
  }
}

async function subscribe(
  client: SNSClient,
  location: AwsLocation,
  { exchange, queue, filterPolicy }: SubscriptionPlan,
): Promise<void> {
  const policy = filterPolicy === undefined ? undefined : JSON.stringify(filterPolicy);
  const place = {
    TopicArn: topicArn(location, awsNames.topic(location.prefix, exchange)),
    Protocol: 'sqs',
    Endpoint: queueArn(location, awsNames.queue(location.prefix, queue)),
    ReturnSubscriptionArn: true,
  };
  const Attributes = { RawMessageDelivery: 'true', ...(policy === undefined ? undefined : { FilterPolicy: policy }) };
  try {
    await client.send(new SubscribeCommand({ ...place, Attributes }));
  } catch (error) {
    // It exists with another policy: nobody else subscribes a queue of this application to its topic.
    if (!(error instanceof Error && error.name === 'InvalidParameterException')) throw error;
    const { SubscriptionArn } = await client.send(new SubscribeCommand(place));
    const change = { SubscriptionArn, AttributeName: 'FilterPolicy', AttributeValue: policy ?? '{}' };
    await client.send(new SetSubscriptionAttributesCommand(change));
  }
}
