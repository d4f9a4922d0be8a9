/** An exchange of the topology as an SNS FIFO topic: one subscription a queue, whose filter policy is all its bindings. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Alias } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, FifoThroughputScope, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { FilterPolicy } from '../aws/plan.ts';
import type { TaskQueue } from './task-queue.ts';

/** A queue that gets copies, and of which messages. */
export interface ExchangeSubscription {
  /** Names the subscription within its exchange. */
  readonly queue: string;
  readonly target: TaskQueue;
  /** @default every message */
  readonly filterPolicy?: FilterPolicy;
}

export interface ExchangeProps {
  /** Ends with `.fifo`. */
  readonly topicName: string;
  readonly subscriptions: readonly ExchangeSubscription[];
}

export class Exchange extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, { topicName, subscriptions }: ExchangeProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName,
      fifo: true,
      fifoThroughputScope: FifoThroughputScope.MESSAGE_GROUP,
      enforceSSL: true,
      // SNS's own key: publishers of the account need no permission on it, and queues with SQS's own encryption take
      // what SNS delivers.
      masterKey: Alias.fromAliasName(this, 'Key', 'alias/aws/sns'),
    });
    for (const { queue, target, filterPolicy } of subscriptions) {
      new CfnSubscription(this, `To-${queue}`, {
        topicArn: this.topic.topicArn,
        protocol: 'sqs',
        endpoint: target.queue.queueArn,
        rawMessageDelivery: true,
        redrivePolicy: { deadLetterTargetArn: target.deadLetterQueue.queueArn },
        ...(filterPolicy === undefined ? undefined : { filterPolicy, filterPolicyScope: 'MessageAttributes' }),
      });
      for (const reached of [target.queue, target.deadLetterQueue])
        reached.addToResourcePolicy(this.#mayDeliver(reached.queueArn));
    }
  }

  #mayDeliver(queueArn: string): PolicyStatement {
    return new PolicyStatement({
      actions: ['sqs:SendMessage'],
      principals: [new ServicePrincipal('sns.amazonaws.com')],
      resources: [queueArn],
      conditions: {
        ArnEquals: { 'aws:SourceArn': this.topic.topicArn },
        StringEquals: { 'aws:SourceAccount': Stack.of(this).account },
      },
    });
  }
}
