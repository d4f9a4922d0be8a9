/** A queue of the topology on SQS: FIFO in high-throughput mode, with a dead-letter queue of its own. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { CellarError } from '../errors.ts';
import { alarmOn } from './alarm.ts';

export interface TaskQueueProps {
  /** Ends with `.fifo`. */
  readonly queueName: string;
  /** Ends with `.fifo`: SQS takes dead letters of a FIFO queue to a FIFO queue only. */
  readonly deadLetterQueueName: string;
  /** At least six times the timeout of the function that takes its messages (Lambda's guide to SQS). */
  readonly visibilityTimeout: Duration;
  /** Largest message in bytes. @default 1 MiB, the most that SQS takes */
  readonly maxMessageBytes?: number;
  /** Messages are lost with the queue. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
  /** Whom alarms tell. @default nobody: they only show their state */
  readonly alarmTopic?: ITopic;
  /** How old the oldest message may get before it alarms. @default 15 minutes, at least twice the visibility timeout */
  readonly oldestMessageAlarm?: Duration;
}

/** SQS's longest. */
export const LONGEST_RETENTION = Duration.days(14);
/** The most bytes of a message (SQS). */
export const MAX_MESSAGE_BYTES = 1_048_576;
/**
 * A distant backstop, so that the worker's own count of attempts decides: in SQS every receive of a batch
 * counts for each of its messages, also for those that were only given back.
 */
const RECEIVE_LIMIT = 100;
const OLDEST_MESSAGE_MINUTES = 15;

export class TaskQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetterQueue: Queue;

  /** @throws CellarError `bad-topology` for a name that is not that of a FIFO queue */
  constructor(scope: Construct, id: string, props: TaskQueueProps) {
    super(scope, id);
    const { queueName, deadLetterQueueName, visibilityTimeout } = props;
    checkNames(queueName, deadLetterQueueName);
    const common = {
      fifo: true,
      deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
      fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
      maxMessageSizeBytes: props.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    };
    this.deadLetterQueue = new Queue(this, 'DeadLetters', { ...common, queueName: deadLetterQueueName });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName,
      visibilityTimeout,
      deadLetterQueue: { queue: this.deadLetterQueue, maxReceiveCount: RECEIVE_LIMIT },
    });
    this.#alarms(props);
  }

  #alarms(props: TaskQueueProps): void {
    alarmOn(this, 'DeadLettersAlarm', {
      description: `${props.deadLetterQueueName} has dead letters`,
      metric: this.deadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: ALARM_PERIOD, statistic: 'max' }),
      above: 0,
      alarmTopic: props.alarmTopic,
    });
    const tooOld = props.oldestMessageAlarm ?? oldestMessage(props.visibilityTimeout);
    alarmOn(this, 'OldestMessageAlarm', {
      description: `${props.queueName} has a message older than ${tooOld.toHumanString()}`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: 'max' }),
      above: tooOld.toSeconds(),
      alarmTopic: props.alarmTopic,
    });
  }
}

function checkNames(queueName: string, deadLetterQueueName: string): void {
  if (queueName.endsWith('.fifo') && deadLetterQueueName.endsWith('.fifo')) return;
  throw new CellarError(
    'bad-topology',
    `the queue ${queueName} has the dead-letter queue ${deadLetterQueueName}, allowed: two FIFO queues, whose names end with .fifo (SQS)`,
  );
}

const ALARM_PERIOD = Duration.minutes(5);

/** A message whose worker died once is no reason for an alarm. */
function oldestMessage(visibilityTimeout: Duration): Duration {
  return Duration.seconds(Math.max(OLDEST_MESSAGE_MINUTES * 60, 2 * visibilityTimeout.toSeconds()));
}
