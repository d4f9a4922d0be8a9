/**
 * Where the emulators differ from AWS in what the broker's tests meet. Each is proved here, so that a test ends as soon
 * as its emulator is mended, and what was written around it can go.
 */
import { randomUUID } from 'node:crypto';
import { SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAwsCalls } from '../../../shared/cellar/aws/calls/open-calls.ts';
import type { AwsCalls, SqsMessage } from '../../../shared/cellar/aws/calls.ts';
import { type AwsLocation, awsNames, queueUrl, topicArn } from '../../../shared/cellar/aws/location.ts';
import { planAws } from '../../../shared/cellar/aws/plan.ts';
import { createMessaging } from '../../../shared/cellar/brokers/aws/create/create-on-aws.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { topology } from '../../../shared/cellar/topology.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  type EmulatorName,
  hasEmulator,
  startEmulator,
} from '../../support/aws/emulator.ts';
import { until } from '../../support/running-shop.ts';

const gapped = topology({
  queues: { mail: {} },
  exchanges: { all: { type: 'fanout' } },
  bindings: [{ exchange: 'all', queue: 'mail' }],
});

/** Declares tests on queues of their own, made as the broker makes them. */
function describeOn(name: EmulatorName, tests: (rig: Rig) => void): void {
  (hasEmulator(name) ? describe : describe.skip)(`${name} differs from AWS`, () => {
    let emulator: Emulator;
    beforeAll(async () => {
      emulator = await startEmulator(name);
    });
    afterAll(() => emulator?.stop());
    tests(async () => {
      const prefix = `g-${randomUUID().slice(0, 8)}`;
      const place = { region: EMULATED_REGION, account: EMULATED_ACCOUNT };
      const location = { ...place, prefix, endpoint: emulator.endpoint };
      await createMessaging(location, planAws(gapped, prefix));
      return queueOf(location, openAwsCalls(location, runtime));
    });
  });
}

type Rig = () => Promise<Queue>;
type Queue = ReturnType<typeof queueOf>;

function queueOf(location: AwsLocation, calls: AwsCalls) {
  const QueueUrl = queueUrl(location, awsNames.queue(location.prefix, 'mail'));
  return {
    location,
    url: QueueUrl,
    async send(MessageBody: string, ids: { readonly group: string; readonly deduplicationId: string }) {
      const Entries = [{ Id: '0', MessageBody, ...idsOf(ids) }];
      return await calls.call('sqs:SendMessageBatch', { QueueUrl, Entries });
    },
    async publish(Message: string, ids: { readonly group: string; readonly deduplicationId: string }) {
      const TopicArn = topicArn(location, awsNames.topic(location.prefix, 'all'));
      const PublishBatchRequestEntries = [{ Id: '0', Message, ...idsOf(ids) }];
      return await calls.call('sns:PublishBatch', { TopicArn, PublishBatchRequestEntries });
    },
    async receive(VisibilityTimeout = 30): Promise<readonly SqsMessage[]> {
      const input = { QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1, VisibilityTimeout };
      return (await calls.call('sqs:ReceiveMessage', input)).Messages ?? [];
    },
    async delete({ ReceiptHandle = '' }: Partial<SqsMessage>) {
      return await calls.call('sqs:DeleteMessageBatch', { QueueUrl, Entries: [{ Id: '0', ReceiptHandle }] });
    },
    async extend({ ReceiptHandle = '' }: Partial<SqsMessage>) {
      const Entries = [{ Id: '0', ReceiptHandle, VisibilityTimeout: 30 }];
      return await calls.call('sqs:ChangeMessageVisibilityBatch', { QueueUrl, Entries });
    },
  };
}

function idsOf({ group, deduplicationId }: { readonly group: string; readonly deduplicationId: string }) {
  return { MessageGroupId: group, MessageDeduplicationId: deduplicationId };
}

const bodies = (messages: readonly SqsMessage[]): readonly string[] => messages.map(({ Body }) => Body).toSorted();

/** Receives for a second; then receives again, so that the first receipts are old. */
async function receivedTwice(queue: Queue): Promise<{ readonly old: SqsMessage; readonly current: SqsMessage }> {
  await queue.send('a', { group: 'A', deduplicationId: 'a' });
  const [old] = await queue.receive(1);
  const current = await until(async () => (await queue.receive())[0], 10_000);
  if (old === undefined) throw new Error('nothing was received');
  return { old, current };
}

describeOn('ministack', (open) => {
  it('a copy through a topic is not deduplicated against what its queue remembers', async () => {
    const queue = await open();
    await queue.send('direct', { group: 'A', deduplicationId: 'd' });
    await queue.publish('copy', { group: 'A', deduplicationId: 'd' });
    expect(bodies(await queue.receive())).toEqual(['copy', 'direct']); // AWS: direct
  });

  it('a topic deduplicates over all groups, although its scope is the group', async () => {
    const queue = await open();
    await queue.publish('one', { group: 'A', deduplicationId: 'd' });
    await queue.publish('other', { group: 'B', deduplicationId: 'd' });
    expect(bodies(await queue.receive())).toEqual(['one']); // AWS: one, other
  });

  it('a message of more than 256 KiB is refused', async () => {
    const queue = await open();
    const { Failed } = await queue.send('x'.repeat(300_000), { group: 'A', deduplicationId: 'd' });
    expect(Failed).toHaveLength(1); // AWS: up to 1 MiB
  });

  it('a receipt whose time is over still deletes, until the message is received again', async () => {
    const queue = await open();
    await queue.send('a', { group: 'A', deduplicationId: 'a' });
    const [message] = await queue.receive(0);
    expect((await queue.delete(message ?? {})).Successful).toHaveLength(1); // AWS: refused on a FIFO queue
  });
});

describeOn('localstack', (open) => {
  it('a receipt of an earlier delivery can be extended', async () => {
    const queue = await open();
    const { old } = await receivedTwice(queue);
    expect((await queue.extend(old)).Successful).toHaveLength(1); // AWS: refused
  });

  it('a receipt of an earlier delivery deletes the message that another delivery holds', async () => {
    const queue = await open();
    const { old, current } = await receivedTwice(queue);
    expect((await queue.delete(old)).Successful).toHaveLength(1); // AWS: refused
    expect(current.MessageId).toBe(old.MessageId);
  });

  it('the scope of deduplication is what the queue was made with, whatever is set later', async () => {
    const queue = await open();
    const client = new SQSClient(queue.location);
    const Attributes = { DeduplicationScope: 'queue', FifoThroughputLimit: 'perQueue' };
    await client.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes }));
    client.destroy();
    for (const group of ['A', 'B']) await queue.send(`of ${group}`, { group, deduplicationId: 'd' });
    expect(bodies(await queue.receive())).toEqual(['of A', 'of B']); // AWS: of A
  });
});
