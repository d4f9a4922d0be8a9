/** What carries an application's messages: its queues, its exchanges, and where delayed messages wait. */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { Application } from './application.ts';
import { DelayQueue } from './delay-queue.ts';
import { Exchange } from './exchange.ts';
import { TaskQueue } from './task-queue.ts';

export interface AppMessagingProps {
  readonly application: Application;
  /** @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
  /** Whom alarms tell. @default nobody */
  readonly alarmTopic?: ITopic;
}

export class AppMessaging extends Construct {
  /** By the name that the topology gives them. */
  readonly queues: ReadonlyMap<string, TaskQueue>;
  readonly exchanges: ReadonlyMap<string, Exchange>;
  readonly delayQueue: DelayQueue;

  constructor(scope: Construct, id: string, { application, ...rest }: AppMessagingProps) {
    super(scope, id);
    const { plan, workers, prefix } = application;
    this.queues = new Map(
      plan.queues.map(({ queue, queueName, deadLetterQueueName, visibilityTimeoutSeconds }) => {
        const worker = workers.find((candidate) => candidate.queue === queue);
        const maxMessageBytes = worker?.settings.maxMessageBytes;
        const taskQueue = new TaskQueue(this, queue, {
          ...rest,
          queueName,
          deadLetterQueueName,
          visibilityTimeout: Duration.seconds(worker?.visibilityTimeoutSeconds ?? visibilityTimeoutSeconds),
          ...(maxMessageBytes === undefined ? undefined : { maxMessageBytes }),
        });
        return [queue, taskQueue];
      }),
    );
    this.exchanges = new Map(
      plan.topics.map(({ exchange, topicName }) => [
        exchange,
        new Exchange(this, `Exchange-${exchange}`, {
          topicName,
          subscriptions: this.#subscriptions(application, exchange),
        }),
      ]),
    );
    this.delayQueue = new DelayQueue(this, 'Delays', { prefix, ...rest });
  }

  #subscriptions({ plan }: Application, exchange: string) {
    return plan.subscriptions.flatMap(({ exchange: from, queue, filterPolicy }) => {
      const target = this.queues.get(queue);
      if (from !== exchange || target === undefined) return [];
      return [{ queue, target, ...(filterPolicy === undefined ? undefined : { filterPolicy }) }];
    });
  }
}
