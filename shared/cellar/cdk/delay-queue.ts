/**
 * Where messages wait for their time: a standard queue with delays up to 15 minutes, and a group of one-time schedules
 * for longer ones, which send into it. A forwarder takes messages out of it (`ForwarderFunction`).
 */
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { awsNames } from '../aws/location.ts';
import { CellarError } from '../errors.ts';
import { alarmOn } from './alarm.ts';
import { LONGEST_RETENTION } from './task-queue.ts';

export interface DelayQueueProps {
  /** What all names of the application begin with. */
  readonly prefix: string;
  /** @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
  /** Whom alarms tell. @default nobody */
  readonly alarmTopic?: ITopic;
  /** A group of one-time schedules for delays of more than 15 minutes. @default true */
  readonly scheduleGroup?: boolean;
  /** The role with which its schedules send. @default true */
  readonly schedulerRole?: boolean;
}

/** How long a call of the forwarder may take. */
export const FORWARDER_TIMEOUT = Duration.seconds(30);
/** Lambda's guide to SQS: six times the function's timeout. */
const VISIBILITY_TIMEOUT = Duration.seconds(6 * FORWARDER_TIMEOUT.toSeconds());
/** So long an outage of the forwarder is only waited for: some hours. */
const RECEIVE_LIMIT = 100;
/** The longest delay of SQS, and as long again: the forwarder does not take them. */
const OLDEST_MESSAGE = Duration.minutes(30);
const ALARM_PERIOD = Duration.minutes(5);

export class DelayQueue extends Construct {
  readonly queue: Queue;
  /** Messages that the forwarder, a schedule or a stream could not hand on. */
  readonly undeliveredQueue: Queue;
  readonly scheduleGroup: CfnScheduleGroup | undefined;
  /** Grant it what further schedules of the group call. */
  readonly schedulerRole: Role | undefined;

  /** @throws CellarError `bad-topology` for a schedule group without role */
  constructor(scope: Construct, id: string, props: DelayQueueProps) {
    super(scope, id);
    const { prefix, removalPolicy, alarmTopic } = props;
    this.#checkRole(props);
    const common = {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: LONGEST_RETENTION,
      ...(removalPolicy === undefined ? undefined : { removalPolicy }),
    };
    this.undeliveredQueue = new Queue(this, 'Undelivered', {
      ...common,
      queueName: awsNames.undeliveredQueue(prefix),
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      queueName: awsNames.delayQueue(prefix),
      visibilityTimeout: VISIBILITY_TIMEOUT,
      deadLetterQueue: { queue: this.undeliveredQueue, maxReceiveCount: RECEIVE_LIMIT },
    });
    this.scheduleGroup = props.scheduleGroup === false ? undefined : this.#makeGroup(prefix);
    this.schedulerRole = props.schedulerRole === false ? undefined : schedulerRole(this, prefix);
    if (this.schedulerRole !== undefined) {
      this.queue.grantSendMessages(this.schedulerRole);
      this.undeliveredQueue.grantSendMessages(this.schedulerRole);
    }
    this.#alarms(prefix, alarmTopic);
  }

  #alarms(prefix: string, alarmTopic: ITopic | undefined): void {
    alarmOn(this, 'OldestMessageAlarm', {
      description: `${awsNames.delayQueue(prefix)} has a message older than ${OLDEST_MESSAGE.toHumanString()}`,
      metric: this.queue.metricApproximateAgeOfOldestMessage({ period: ALARM_PERIOD, statistic: 'max' }),
      above: OLDEST_MESSAGE.toSeconds(),
      alarmTopic,
    });
    alarmOn(this, 'UndeliveredAlarm', {
      description: `${awsNames.undeliveredQueue(prefix)} has messages`,
      metric: this.undeliveredQueue.metricApproximateNumberOfMessagesVisible({
        period: ALARM_PERIOD,
        statistic: 'max',
      }),
      above: 0,
      alarmTopic,
    });
  }

  #makeGroup(prefix: string): CfnScheduleGroup {
    return new CfnScheduleGroup(this, 'Schedules', { name: awsNames.scheduleGroup(prefix) });
  }

  #checkRole({ prefix, scheduleGroup = true, schedulerRole: role = true }: DelayQueueProps): void {
    if (!scheduleGroup || role) return;
    throw new CellarError(
      'bad-topology',
      `the schedule group ${awsNames.scheduleGroup(prefix)} has no role with which its schedules could send, allowed: schedulerRole, or no scheduleGroup`,
    );
  }
}

/** Only schedules of the application's group may take it on (Scheduler's guide, "Confused deputy prevention"). */
function schedulerRole(scope: Construct, prefix: string): Role {
  const stack = Stack.of(scope);
  const group = stack.formatArn({
    service: 'scheduler',
    resource: 'schedule-group',
    resourceName: awsNames.scheduleGroup(prefix),
  });
  return new Role(scope, 'SchedulerRole', {
    roleName: awsNames.schedulerRole({ prefix, region: stack.region }),
    assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group } },
    }),
  });
}
