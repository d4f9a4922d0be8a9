/** A plan's topics, queues and subscriptions on an emulator, made and used by AWS's own clients. */
import { CreateTopicCommand, PublishBatchCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { queueArn, topicArn } from '../../../shared/cellar/aws/location.ts';
import { type AwsPlan, attributesFor, type TopicPlan } from '../../../shared/cellar/aws/plan.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION } from '../../support/aws/emulator.ts';
import { until } from '../../support/running-shop.ts';
import type { Sent } from './delivered.ts';

/** A message whose body is `id`, by which its copies are known again; also its group and deduplication id. */
export interface Publication extends Sent {
  readonly id: string;
}

const SETTLED_WITHIN_MS = 60_000;
/** Gets the last message of every topic, and none of the others. */
const WITNESS = 'witness.fifo';
/** Body of the last message sent to a queue; the last of a topic has `LAST` and the topic's name. */
const LAST = 'last';

export class EmulatedTopics {
  readonly #sns: SNSClient;
  readonly #sqs: SQSClient;
  readonly #endpoint: string;
  readonly #location = { region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix: 'any' };

  constructor(endpoint: string) {
    const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
    const settings = { region: EMULATED_REGION, endpoint, credentials };
    this.#endpoint = endpoint;
    this.#sns = new SNSClient(settings);
    this.#sqs = new SQSClient({ ...settings, useQueueUrlAsEndpoint: false });
  }

  async create({ topics, queues, subscriptions }: AwsPlan): Promise<void> {
    for (const name of [WITNESS, ...queues.map(({ queueName }) => queueName)])
      await this.#sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { FifoQueue: 'true' } }));
    for (const topic of topics) {
      await this.#sns.send(new CreateTopicCommand({ Name: topic.topicName, Attributes: { FifoTopic: 'true' } }));
      await this.#subscribe(topic, WITNESS, { last: ['yes'] });
      for (const { queue, filterPolicy } of subscriptions.filter(({ exchange }) => exchange === topic.exchange)) {
        const name = queues.find((each) => each.queue === queue)?.queueName ?? '';
        await this.#subscribe(topic, name, filterPolicy);
      }
    }
  }

  /** Publishes with the attributes of the plan, then one that the witness gets, and who gets everything. */
  async publish(plan: AwsPlan, publications: readonly Publication[]): Promise<void> {
    for (const topic of plan.topics) {
      const entries = publications
        .filter(({ exchange }) => exchange === topic.exchange)
        .map((sent) => entryOf(sent.id, attributesFor(plan, sent.exchange, sent)));
      for (let start = 0; start < entries.length; start += 10)
        await this.#batch(topic, entries.slice(start, start + 10));
      const last = { last: { DataType: 'String', StringValue: 'yes' } } as const;
      await this.#batch(topic, [entryOf(`${LAST}-of-${topic.topicName}`, last)]);
    }
  }

  /** Waits for the last message of that many topics: a topic's copies are made one after the other. */
  async settled(topics: number): Promise<void> {
    const seen = new Set<string>();
    await until(async () => {
      for (const body of await this.#receive(WITNESS)) seen.add(body);
      return seen.size === topics;
    }, SETTLED_WITHIN_MS);
  }

  /** What is in a queue: all up to a message that is sent behind it, and nothing may be left after that. */
  async drain(name: string): Promise<readonly string[]> {
    const url = this.#url(name);
    const mark = { MessageBody: LAST, MessageGroupId: LAST, MessageDeduplicationId: LAST };
    await this.#sqs.send(new SendMessageCommand({ QueueUrl: url, ...mark }));
    const bodies: string[] = [];
    await until(async () => {
      bodies.push(...(await this.#receive(name)));
      return bodies.includes(LAST) && (await this.#left(name)) === 0;
    }, SETTLED_WITHIN_MS);
    return bodies.filter((body) => !body.startsWith(LAST));
  }

  close(): void {
    this.#sns.destroy();
    this.#sqs.destroy();
  }

  async #subscribe({ topicName }: TopicPlan, queueName: string, policy: object | undefined): Promise<void> {
    const filter =
      policy === undefined ? {} : { FilterPolicyScope: 'MessageAttributes', FilterPolicy: JSON.stringify(policy) };
    await this.#sns.send(
      new SubscribeCommand({
        TopicArn: topicArn(this.#location, topicName),
        Protocol: 'sqs',
        Endpoint: queueArn(this.#location, queueName),
        Attributes: { RawMessageDelivery: 'true', ...filter },
      }),
    );
  }

  async #batch({ topicName }: TopicPlan, entries: readonly ReturnType<typeof entryOf>[]): Promise<void> {
    const { Failed = [] } = await this.#sns.send(
      new PublishBatchCommand({
        TopicArn: topicArn(this.#location, topicName),
        PublishBatchRequestEntries: entries.map((entry, place) => ({ ...entry, Id: `${place}` })),
      }),
    );
    if (Failed.length > 0) throw new Error(`not published: ${JSON.stringify(Failed)}`);
  }

  async #receive(name: string): Promise<readonly string[]> {
    const { Messages = [] } = await this.#sqs.send(
      new ReceiveMessageCommand({ QueueUrl: this.#url(name), MaxNumberOfMessages: 10, VisibilityTimeout: 600 }),
    );
    return Messages.map(({ Body = '' }) => Body);
  }

  async #left(name: string): Promise<number> {
    const AttributeNames = ['ApproximateNumberOfMessages' as const];
    const { Attributes } = await this.#sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.#url(name), AttributeNames }),
    );
    return Number(Attributes?.ApproximateNumberOfMessages);
  }

  #url(name: string): string {
    return `${this.#endpoint}/${EMULATED_ACCOUNT}/${name}`;
  }
}

function entryOf(id: string, attributes: ReturnType<typeof attributesFor>) {
  return { Message: id, MessageGroupId: id, MessageDeduplicationId: id, MessageAttributes: { ...attributes } };
}
