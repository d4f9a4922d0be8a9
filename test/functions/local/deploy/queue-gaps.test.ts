import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emulatorRequest } from '../../../../functions/local/deploy/emulator-request.ts';
import { closeQueueGaps, queueGaps } from '../../../../functions/local/deploy/queue-gaps.ts';
import { type Emulator, hasEmulator, startEmulator } from '../../../support/aws/emulator.ts';

const template = {
  Resources: {
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'mail-dead.fifo', FifoQueue: true } },
    Mail: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'mail.fifo',
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 100 },
      },
    },
    Topic: { Type: 'AWS::SNS::Topic' },
  },
};
const attributes = {
  DeduplicationScope: 'messageGroup',
  FifoThroughputLimit: 'perMessageGroupId',
  RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:mail-dead.fifo","maxReceiveCount":"100"}',
};

describe("what an emulator's CloudFormation leaves out of queues", () => {
  it('is read from the templates', () => {
    expect(queueGaps([template, {}])).toEqual([{ queueName: 'mail.fifo', attributes }]);
  });

  it('is not guessed', () => {
    const Properties = { QueueName: 'a', RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:x', maxReceiveCount: 1 } };
    expect(() => queueGaps([{ Resources: { A: { Type: 'AWS::SQS::Queue', Properties } } }])).toThrow(
      'the dead-letter queue is "arn:aws:sqs:x", allowed: a named queue of the same stack',
    );
  });
});

(hasEmulator('ministack') ? describe : describe.skip)('on ministack', () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  });
  afterAll(() => emulator.stop());

  it('is set afterwards', async () => {
    const call = (name: string, input: object) => emulatorRequest(emulator.endpoint, `sqs:${name}`, input);
    for (const QueueName of ['mail-dead.fifo', 'mail.fifo']) {
      await call('CreateQueue', { QueueName, Attributes: { FifoQueue: 'true' } });
    }
    await closeQueueGaps(emulator.endpoint, queueGaps([template]));
    const QueueUrl = `${emulator.endpoint}/000000000000/mail.fifo`;
    const answer = await call('GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] });
    expect(answer).toMatchObject({ Attributes: attributes });
  });
});
