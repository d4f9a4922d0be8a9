import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { describe, expect, it, jest } from '@jest/globals';
import { until } from '../running-shop.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  isInstalled,
  neededInCi,
  startInstalled,
} from './emulator.ts';
import { hasContainerEngine, startLocalstackContainer } from './localstack-container.ts';

jest.setTimeout(120_000);

/** Publishes two messages to a FIFO topic; answers the one that the filter policy lets through. */
async function filtered(endpoint: string): Promise<string | undefined> {
  const at = { endpoint, region: EMULATED_REGION };
  const [sns, sqs] = [new SNSClient(at), new SQSClient(at)];
  const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' };
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'red.fifo', Attributes }));
  const fifoTopic = { FifoTopic: 'true', ContentBasedDeduplication: 'true' };
  const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'wines.fifo', Attributes: fifoTopic }));
  const Endpoint = `arn:aws:sqs:${EMULATED_REGION}:${EMULATED_ACCOUNT}:red.fifo`;
  const onlyRed = { FilterPolicy: '{"colour":["red"]}', RawMessageDelivery: 'true' };
  await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes: onlyRed }));
  for (const StringValue of ['white', 'red']) {
    const MessageAttributes = { colour: { DataType: 'String', StringValue } };
    await sns.send(new PublishCommand({ TopicArn, Message: StringValue, MessageGroupId: 'a', MessageAttributes }));
  }
  const { Messages = [] } = await until(async () => {
    const received = await sqs.send(new ReceiveMessageCommand({ QueueUrl, WaitTimeSeconds: 1 }));
    return received.Messages === undefined ? undefined : received;
  }, 20_000);
  sns.destroy();
  sqs.destroy();
  return Messages[0]?.Body;
}

const WAYS: readonly (readonly [string, boolean, () => Promise<Omit<Emulator, 'name'>>])[] = [
  ['ministack', isInstalled('ministack'), () => startInstalled('ministack')],
  ['LocalStack', isInstalled('localstack'), () => startInstalled('localstack')],
  ['LocalStack in a container', hasContainerEngine(), () => startLocalstackContainer()],
];

describe('an emulator of AWS', () => {
  for (const [way, isThere, start] of WAYS) {
    (neededInCi(isThere, way) ? it : it.skip)(
      `filters, delivers in FIFO queues, and is gone when it is stopped: ${way}`,
      async () => {
        const emulator = await start();
        expect(await filtered(emulator.endpoint)).toBe('red');
        await emulator.stop();
        await expect(fetch(emulator.endpoint)).rejects.toThrow('fetch failed');
      },
    );
  }
});
