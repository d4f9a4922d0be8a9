/**
 * What a function may do with the parts of an application, by their names: no stack has to know another. Nothing is
 * granted on `*`; only objects of the application's own buckets and schedules of its own group are named by a pattern.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { awsNames } from '../aws/location.ts';
import type { AwsPlan } from '../aws/plan.ts';
import { resultsTable } from '../results/dynamodb/results-table.ts';

export interface PermissionsProps {
  /** What all names of the application begin with. */
  readonly prefix: string;
  /** Its queues and topics. */
  readonly plan: AwsPlan;
}

const ITEM_ACTIONS = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem'];
const CONSUME_ACTIONS = ['ReceiveMessage', 'DeleteMessage', 'ChangeMessageVisibility', 'GetQueueAttributes'];

/** Makes the statements of the roles of one application. */
export class Permissions {
  readonly #stack: Stack;
  readonly #prefix: string;
  readonly #plan: AwsPlan;

  constructor(scope: Construct, { prefix, plan }: PermissionsProps) {
    this.#stack = Stack.of(scope);
    this.#prefix = prefix;
    this.#plan = plan;
  }

  /** Sends tasks, now or later, publishes to exchanges, reads and revokes results. */
  client(): PolicyStatement[] {
    const { queues, topics } = this.#plan;
    const sentTo = [...queues.map(({ queueName }) => queueName), awsNames.delayQueue(this.#prefix)];
    return [
      allow(
        ['sqs:SendMessage'],
        sentTo.map((name) => this.queueArn(name)),
      ),
      ...(topics.length === 0
        ? []
        : [
            allow(
              ['sns:Publish'],
              topics.map(({ topicName }) => this.#arn('sns', topicName)),
            ),
          ]),
      allow(
        ITEM_ACTIONS.map((action) => `dynamodb:${action}`),
        [this.#tableArn()],
      ),
      ...this.#payloads(),
      ...this.#delays(),
    ];
  }

  /** A client that also takes the messages of its queue and moves dead ones to its dead-letter queue. */
  worker(queue: string): PolicyStatement[] {
    const planned = this.#plan.queues.find((candidate) => candidate.queue === queue);
    if (planned === undefined) return this.client();
    return [
      ...this.client(),
      this.#consume([planned.queueName]),
      allow(['sqs:SendMessage'], [this.queueArn(planned.deadLetterQueueName)]),
    ];
  }

  /** Takes messages out of the delay queue: back into it, or on to their queues. */
  forwarder(): PolicyStatement[] {
    return [...this.client(), this.#consume([awsNames.delayQueue(this.#prefix)])];
  }

  /** A client that also counts, empties and redrives queues, and lists results. */
  admin(): PolicyStatement[] {
    const { queues } = this.#plan;
    const all = queues.flatMap(({ queueName, deadLetterQueueName }) => [queueName, deadLetterQueueName]);
    return [
      ...this.client(),
      allow(
        ['sqs:GetQueueAttributes'],
        [awsNames.delayQueue(this.#prefix)].map((name) => this.queueArn(name)),
      ),
      this.#consume(all),
      allow(
        ['sqs:PurgeQueue'],
        all.map((name) => this.queueArn(name)),
      ),
      allow(['dynamodb:Query'], [`${this.#tableArn()}/index/${resultsTable.index.name}`]),
    ];
  }

  /** Looks and changes nothing: counts, dead letters, results. */
  viewer(): PolicyStatement[] {
    const { queues } = this.#plan;
    const dead = queues.map(({ deadLetterQueueName }) => this.queueArn(deadLetterQueueName));
    const all = [...queues.map(({ queueName }) => this.queueArn(queueName)), ...dead];
    return [
      allow(['sqs:GetQueueAttributes'], all),
      // SQS shows a message by handing it out, and gives it back by its visibility.
      allow(['sqs:ReceiveMessage', 'sqs:ChangeMessageVisibility'], dead),
      allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem'], [this.#tableArn()]),
      allow(['dynamodb:Query'], [`${this.#tableArn()}/index/${resultsTable.index.name}`]),
    ];
  }

  queueArn(queueName: string): string {
    return this.#arn('sqs', queueName);
  }

  #consume(queueNames: readonly string[]): PolicyStatement {
    return allow(
      CONSUME_ACTIONS.map((action) => `sqs:${action}`),
      queueNames.map((name) => this.queueArn(name)),
    );
  }

  /** Listing tells a missing object from one that may not be read. */
  #payloads(): PolicyStatement[] {
    const { account, region } = this.#stack;
    const bucketName = awsNames.payloadsBucket({ prefix: this.#prefix, account, region });
    const bucketArn = this.#stack.formatArn({ service: 's3', region: '', account: '', resource: bucketName });
    return [allow(['s3:GetObject', 's3:PutObject'], [`${bucketArn}/*`]), allow(['s3:ListBucket'], [bucketArn])];
  }

  /** Schedules of its own group, to be run with the scheduler's role and no other. */
  #delays(): PolicyStatement[] {
    const schedules = this.#stack.formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${awsNames.scheduleGroup(this.#prefix)}/*`,
    });
    const role = this.#stack.formatArn({
      service: 'iam',
      region: '',
      resource: 'role',
      resourceName: awsNames.schedulerRole({ prefix: this.#prefix, region: this.#stack.region }),
    });
    const passRole = new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [role],
      conditions: { StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' } },
    });
    const actions = ['CreateSchedule', 'GetSchedule', 'DeleteSchedule'].map((action) => `scheduler:${action}`);
    return [allow(actions, [schedules]), passRole];
  }

  #tableArn(): string {
    const resourceName = awsNames.resultsTable(this.#prefix);
    return this.#stack.formatArn({ service: 'dynamodb', resource: 'table', resourceName });
  }

  #arn(service: string, resource: string): string {
    return this.#stack.formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME });
  }
}

function allow(actions: string[], resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
