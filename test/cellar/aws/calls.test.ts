/** The calls to SQS, SNS and S3: one suite for both implementations, on both emulators. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { AwsCalls } from 'cellar/aws';
import { type Emulator, type EmulatorName, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { IMPLEMENTATIONS, openCalls } from './calls/implementations.ts';
import { makeBucket, makeQueue, makeTopic } from './calls/resources.ts';

const BODY = '{"text":"x<&>\\" é 🍷 + %20"}';
const EMULATORS: readonly EmulatorName[] = ['ministack', 'localstack'];

for (const name of EMULATORS) {
  (hasEmulator(name) ? describe : describe.skip)(`on ${name}`, () => {
    let emulator: Emulator;
    let made = 0;
    const fresh = (kind: string) => `${kind}-${++made}`;
    beforeAll(async () => {
      emulator = await startEmulator(name);
    }, 60_000);
    afterAll(() => emulator.stop());

    describe.each(IMPLEMENTATIONS)('AWS by %s', (implementation) => {
      let calls: AwsCalls;
      beforeEach(() => {
        calls = openCalls(implementation, emulator.endpoint);
      });
      afterEach(() => calls.close());

      const bodiesOf = async (QueueUrl: string): Promise<readonly string[]> => {
        const { Messages = [] } = await calls.call('sqs:ReceiveMessage', {
          ...{ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 10 },
        });
        return Messages.map(({ Body }) => Body);
      };

      it('sends, receives with attributes, prolongs and deletes', async () => {
        const QueueUrl = await makeQueue(emulator.endpoint, `${fresh('queue')}.fifo`);
        const entry = { Id: 'a', MessageBody: BODY, MessageGroupId: 'g', MessageDeduplicationId: 'd' };
        const { Successful } = await calls.call('sqs:SendMessageBatch', { QueueUrl, Entries: [entry] });
        expect(Successful).toMatchObject([{ Id: 'a' }]);
        const { Messages = [] } = await calls.call('sqs:ReceiveMessage', {
          ...{ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 10, VisibilityTimeout: 30 },
          MessageSystemAttributeNames: ['All'],
        });
        expect(Messages).toMatchObject([
          { Body: BODY, Attributes: { MessageGroupId: 'g', ApproximateReceiveCount: '1' } },
        ]);
        const { ReceiptHandle = '' } = Messages[0] ?? {};
        const held = { QueueUrl, Entries: [{ Id: '0', ReceiptHandle, VisibilityTimeout: 60 }] };
        expect((await calls.call('sqs:ChangeMessageVisibilityBatch', held)).Successful).toMatchObject([{ Id: '0' }]);
        const done = { QueueUrl, Entries: [{ Id: '0', ReceiptHandle }] };
        expect((await calls.call('sqs:DeleteMessageBatch', done)).Successful).toMatchObject([{ Id: '0' }]);
        const { Attributes } = await calls.call('sqs:GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
        expect(Attributes).toMatchObject({ ApproximateNumberOfMessagesNotVisible: '0', FifoQueue: 'true' });
      });

      it('answers each entry of a batch: an empty body fails, its neighbours do not', async () => {
        const QueueUrl = await makeQueue(emulator.endpoint, `${fresh('queue')}.fifo`);
        const answer = await calls.call('sqs:SendMessageBatch', {
          QueueUrl,
          Entries: ['first', '', 'third'].map((MessageBody, index) => ({
            ...{ Id: `${index}`, MessageBody, MessageGroupId: 'g', MessageDeduplicationId: `${index}` },
          })),
        });
        expect(answer.Failed).toMatchObject([{ Id: '1', SenderFault: true, Code: expect.stringMatching(/^Missing/) }]);
        expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['0', '2']);
        expect(await bodiesOf(QueueUrl)).toEqual(['first', 'third']);
      });

      it('answers a receipt that is none', async () => {
        const QueueUrl = await makeQueue(emulator.endpoint, fresh('queue'));
        const Entries = [{ Id: '0', ReceiptHandle: 'none' }];
        const answer = await calls.call('sqs:DeleteMessageBatch', { QueueUrl, Entries });
        // LocalStack says that the sender is not to blame; AWS and ministack say that he is.
        expect(answer.Failed).toMatchObject([{ Id: '0', Code: 'ReceiptHandleIsInvalid' }]);
      });

      it('purges', async () => {
        const QueueUrl = await makeQueue(emulator.endpoint, fresh('queue'));
        await calls.call('sqs:SendMessageBatch', { QueueUrl, Entries: [{ Id: 'a', MessageBody: BODY }] });
        await calls.call('sqs:PurgeQueue', { QueueUrl });
        const { Messages } = await calls.call('sqs:ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1 });
        expect(Messages ?? []).toEqual([]);
      });

      it('says that a queue does not exist', async () => {
        const QueueUrl = `${emulator.endpoint}/000000000000/none`;
        await expect(calls.call('sqs:ReceiveMessage', { QueueUrl, MaxNumberOfMessages: 1 })).rejects.toMatchObject({
          ...{ name: 'AwsCallError', awsCode: 'QueueDoesNotExist', status: 400, isPassing: false },
          operation: 'sqs:ReceiveMessage',
        });
      });

      it('publishes a batch with attributes, as it is', async () => {
        const QueueUrl = await makeQueue(emulator.endpoint, `${fresh('queue')}.fifo`);
        const TopicArn = await makeTopic(emulator.endpoint, `${fresh('topic')}.fifo`, {
          queueUrl: QueueUrl,
          filterPolicy: { f0: ['=a&b c'] },
        });
        const words = [{ f0: '=other' }, { f0: '=a&b c', n: '=2' }];
        const answer = await calls.call('sns:PublishBatch', {
          TopicArn,
          PublishBatchRequestEntries: words.map((attributes, index) => ({
            ...{ Id: `${index}`, Message: `${index}${BODY}`, MessageGroupId: 'g', MessageDeduplicationId: `${index}` },
            MessageAttributes: Object.fromEntries(
              Object.entries(attributes).map(([key, value]) => [
                key,
                { DataType: 'String' as const, StringValue: value },
              ]),
            ),
          })),
        });
        expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['0', '1']);
        expect(answer.Failed ?? []).toEqual([]);
        expect(await bodiesOf(QueueUrl)).toEqual([`1${BODY}`]);
      });

      it('says that a topic does not exist', async () => {
        const TopicArn = 'arn:aws:sns:us-east-1:000000000000:none.fifo';
        const entry = { Id: 'a', Message: BODY, MessageGroupId: 'g', MessageDeduplicationId: 'd' };
        const publish = calls.call('sns:PublishBatch', { TopicArn, PublishBatchRequestEntries: [entry] });
        await expect(publish).rejects.toMatchObject({ awsCode: 'NotFound', status: 404, isPassing: false });
      });

      it('keeps objects under any key, byte by byte', async () => {
        const Bucket = await makeBucket(emulator.endpoint, fresh('bucket'));
        const Key = "a/b c+d'(é)~*&=?#%2F/🍷.bin";
        const Body = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
        await calls.call('s3:PutObject', { Bucket, Key, Body, ContentType: 'image/png' });
        const got = await calls.call('s3:GetObject', { Bucket, Key });
        expect(got.ContentType).toBe('image/png');
        expect(Buffer.compare(got.Body, Body)).toBe(0);
      });

      it('lists objects and deletes them', async () => {
        const Bucket = await makeBucket(emulator.endpoint, fresh('bucket'));
        expect((await calls.call('s3:ListObjectsV2', { Bucket })).Contents ?? []).toEqual([]);
        const keys = ['a/b & c.txt', 'é🍷<1>'];
        for (const Key of keys) await calls.call('s3:PutObject', { Bucket, Key, Body: Uint8Array.of(1) });
        const listed = await calls.call('s3:ListObjectsV2', { Bucket });
        expect(listed.Contents?.map(({ Key }) => Key)).toEqual(keys);
        expect(listed.NextContinuationToken).toBeUndefined();
        for (const Key of [...keys, 'not-there']) await calls.call('s3:DeleteObject', { Bucket, Key });
        expect((await calls.call('s3:ListObjectsV2', { Bucket })).Contents ?? []).toEqual([]);
      });

      it('says that an object or its bucket does not exist', async () => {
        const Bucket = await makeBucket(emulator.endpoint, fresh('bucket'));
        const missing = { awsCode: 'NoSuchKey', status: 404, isPassing: false };
        await expect(calls.call('s3:GetObject', { Bucket, Key: 'none' })).rejects.toMatchObject(missing);
        const none = calls.call('s3:GetObject', { Bucket: 'none-at-all', Key: 'none' });
        await expect(none).rejects.toMatchObject({ awsCode: 'NoSuchBucket' });
      });
    });
  });
}
