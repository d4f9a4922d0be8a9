/** Why `queue-gaps.ts` is there: when ministack mends this, these fail and it can go. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { emulatedCredential, emulatorRequest } from '../../../../functions/local/deploy/emulator-request.ts';
import { type Emulator, hasEmulator, startEmulator } from '../../../support/aws/emulator.ts';
import { until } from '../../../support/running-shop.ts';

const TEMPLATE = {
  Resources: {
    Dead: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'gap-dead.fifo', FifoQueue: true } },
    Queue: {
      Type: 'AWS::SQS::Queue',
      Properties: {
        QueueName: 'gap.fifo',
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        VisibilityTimeout: 77,
        RedrivePolicy: { deadLetterTargetArn: { 'Fn::GetAtt': ['Dead', 'Arn'] }, maxReceiveCount: 5 },
      },
    },
  },
};

(hasEmulator('ministack') ? describe : describe.skip)("ministack's CloudFormation", () => {
  let emulator: Emulator;
  let attributes: Readonly<Record<string, string>>;

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    await fetch(emulator.endpoint, {
      method: 'POST',
      headers: { authorization: emulatedCredential('cloudformation') },
      body: new URLSearchParams({ Action: 'CreateStack', StackName: 'gap', TemplateBody: JSON.stringify(TEMPLATE) }),
    });
    attributes = await until(() => attributesOf('gap.fifo').catch(() => undefined), 10_000);
  });
  afterAll(() => emulator.stop());

  async function attributesOf(queueName: string): Promise<Readonly<Record<string, string>>> {
    const QueueUrl = `${emulator.endpoint}/000000000000/${queueName}`;
    const input = { QueueUrl, AttributeNames: ['All'] };
    const answer = await emulatorRequest(emulator.endpoint, 'sqs:GetQueueAttributes', input);
    return (answer as { readonly Attributes: Readonly<Record<string, string>> }).Attributes;
  }

  it('makes a queue as the template says', () => {
    expect(attributes).toMatchObject({ FifoQueue: 'true', VisibilityTimeout: '77' });
  });

  it.each(['RedrivePolicy', 'DeduplicationScope', 'FifoThroughputLimit'])('leaves out %s', (name) => {
    expect(attributes).not.toHaveProperty(name);
  });
});
