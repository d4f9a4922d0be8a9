/** What the calls are tried on, made by the SDK's own clients. */
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, SQSClient } from '@aws-sdk/client-sqs';
import { EMULATED_ACCOUNT, EMULATED_REGION } from '../../../support/aws/emulator.ts';

function configOf(endpoint: string) {
  return {
    endpoint,
    region: EMULATED_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    forcePathStyle: true,
  };
}

/** The URL of a new queue: FIFO where its name says so. */
export async function makeQueue(endpoint: string, name: string): Promise<string> {
  const client = new SQSClient(configOf(endpoint));
  const fifo = name.endsWith('.fifo') ? { Attributes: { FifoQueue: 'true' } } : {};
  await client.send(new CreateQueueCommand({ QueueName: name, ...fifo }));
  client.destroy();
  return `${endpoint}/${EMULATED_ACCOUNT}/${name}`;
}

/** The ARN of a new FIFO topic whose messages go to the queue as they are, where the policy lets them through. */
export async function makeTopic(
  endpoint: string,
  name: string,
  { queueUrl, filterPolicy }: { readonly queueUrl: string; readonly filterPolicy: object },
): Promise<string> {
  const client = new SNSClient(configOf(endpoint));
  await client.send(new CreateTopicCommand({ Name: name, Attributes: { FifoTopic: 'true' } }));
  const TopicArn = `arn:aws:sns:${EMULATED_REGION}:${EMULATED_ACCOUNT}:${name}`;
  const Endpoint = `arn:aws:sqs:${EMULATED_REGION}:${EMULATED_ACCOUNT}:${queueUrl.split('/').at(-1)}`;
  const Attributes = { RawMessageDelivery: 'true', FilterPolicy: JSON.stringify(filterPolicy) };
  await client.send(new SubscribeCommand({ TopicArn, Endpoint, Protocol: 'sqs', Attributes }));
  client.destroy();
  return TopicArn;
}

export async function makeBucket(endpoint: string, name: string): Promise<string> {
  const client = new S3Client(configOf(endpoint));
  await client.send(new CreateBucketCommand({ Bucket: name }));
  client.destroy();
  return name;
}

/** A table with the key `pk`. */
export async function makeTable(endpoint: string, name: string): Promise<string> {
  const client = new DynamoDBClient(configOf(endpoint));
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  client.destroy();
  return name;
}

export async function makeScheduleGroup(endpoint: string, name: string): Promise<string> {
  const client = new SchedulerClient(configOf(endpoint));
  await client.send(new CreateScheduleGroupCommand({ Name: name }));
  client.destroy();
  return name;
}

/** There is no client of Secrets Manager here: one request says it. */
export async function makeSecret(endpoint: string, name: string, value: string): Promise<void> {
  const response = await fetch(endpoint, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': 'secretsmanager.CreateSecret',
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${EMULATED_REGION}/secretsmanager/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify({ Name: name, SecretString: value, ClientRequestToken: crypto.randomUUID() }),
  });
  if (!response.ok) throw new Error(`no secret was made: ${await response.text()}`);
}
