/** The queues of a topology on SQS: FIFO in high-throughput mode, each with a dead-letter queue of its own. */
import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Topology } from 'cellar';
import type { Construct } from 'constructs';

export interface MessagingStackProps extends StackProps {
  readonly topology: Topology;
  readonly stage: 'dev' | 'prod';
}

/** How long a dead letter is kept: SQS's longest, 14 days. */
const DEAD_LETTER_RETENTION = Duration.days(14);
/**
 * A distant backstop, so that the worker's own count of attempts decides: in SQS every receive of a batch
 * counts for each of its messages, also for those that were only given back.
 */
const RECEIVE_LIMIT = 100;

export class MessagingStack extends Stack {
  /** By the name that the topology gives it. */
  readonly queues: ReadonlyMap<string, Queue>;

  constructor(scope: Construct, id: string, props: MessagingStackProps) {
    super(scope, id, props);
    const { topology, stage } = props;
    this.queues = new Map(
      Object.entries(topology.queues).map(([name, { visibilityTimeoutSeconds }]) => {
        const removalPolicy = stage === 'prod' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY;
        const common = {
          fifo: true,
          deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
          fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          encryption: QueueEncryption.SQS_MANAGED,
          enforceSSL: true,
          removalPolicy,
        };
        const queueName = `${stage}-${name.replaceAll('.', '-')}`;
        const dead = new Queue(this, `${name}-dead`, {
          ...common,
          queueName: `${queueName}-dead.fifo`,
          retentionPeriod: DEAD_LETTER_RETENTION,
        });
        const queue = new Queue(this, name, {
          ...common,
          queueName: `${queueName}.fifo`,
          visibilityTimeout: Duration.seconds(visibilityTimeoutSeconds),
          deadLetterQueue: { queue: dead, maxReceiveCount: RECEIVE_LIMIT },
        });
        return [name, queue];
      }),
    );
  }
}
