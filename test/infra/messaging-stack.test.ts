import { beforeAll, describe, expect, it } from '@jest/globals';
import { App } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { topology } from 'cellar';
import { MessagingStack } from '../../infra/stacks/messaging-stack.ts';

const declared = topology({ queues: { mail: { visibilityTimeoutSeconds: 90 }, 'shop.reports': {} } });

interface QueueResource {
  readonly Properties: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy: string;
}

describe('MessagingStack', () => {
  let queues: Record<string, QueueResource>;
  let template: Template;

  beforeAll(() => {
    template = Template.fromStack(new MessagingStack(new App(), 'Test', { topology: declared, stage: 'prod' }));
    queues = template.findResources('AWS::SQS::Queue') as Record<string, QueueResource>;
  });

  it('makes two queues for each of the topology: itself and its dead-letter queue', () => {
    const names = Object.values(queues).map(({ Properties }) => Properties['QueueName']);
    expect(names.sort()).toEqual([
      'prod-mail-dead.fifo',
      'prod-mail.fifo',
      'prod-shop-reports-dead.fifo',
      'prod-shop-reports.fifo',
    ]);
  });

  it('makes every queue FIFO in high-throughput mode, encrypted, and kept in prod', () => {
    for (const { Properties, DeletionPolicy } of Object.values(queues)) {
      expect(Properties).toMatchObject({
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
        SqsManagedSseEnabled: true,
      });
      expect(DeletionPolicy).toBe('Retain');
    }
  });

  it('refuses plain HTTP on every queue', () => {
    const policies = Object.values(template.findResources('AWS::SQS::QueuePolicy'));
    expect(policies).toHaveLength(Object.keys(queues).length);
    for (const policy of policies) {
      expect(JSON.stringify(policy)).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('gives a queue the visibility timeout that its topology says', () => {
    template.hasResourceProperties('AWS::SQS::Queue', { QueueName: 'prod-mail.fifo', VisibilityTimeout: 90 });
  });
});
