/** What does an application's work: a function for each queue, the forwarder of delayed messages, and beat. */
import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { awsNames } from '../aws/location.ts';
import { alarmOn } from './alarm.ts';
import type { Application } from './application.ts';
import { BeatFunction } from './beat-function.ts';
import { brokerUrl } from './broker-url.ts';
import { ForwarderFunction } from './forwarder-function.ts';
import { functionNames } from './function-names.ts';
import { Permissions } from './permissions.ts';
import { WorkerFunction } from './worker-function.ts';

export interface AppWorkersProps {
  readonly application: Application;
  /** What handlers read beside CELLAR_BROKER_URL, in every worker. @default nothing */
  readonly environment?: Readonly<Record<string, string>>;
  /** What the handlers of a queue may do beside using Cellar. @default nothing */
  readonly permissions?: (queue: string) => readonly PolicyStatement[];
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Of log groups. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
  /** Whom alarms tell. @default nobody */
  readonly alarmTopic?: ITopic;
}

export class AppWorkers extends Construct {
  /** By queue. */
  readonly workers: ReadonlyMap<string, WorkerFunction>;
  readonly forwarder: ForwarderFunction;
  /** Absent where the topology has no schedules. */
  readonly beat: BeatFunction | undefined;

  constructor(scope: Construct, id: string, props: AppWorkersProps) {
    super(scope, id);
    const { application, environment = {}, permissions = () => [], alarmTopic, ...rest } = props;
    const { appModule, prefix, plan, topology } = application;
    const may = new Permissions(this, { prefix, plan });
    const cellar = { CELLAR_BROKER_URL: brokerUrl(this, prefix) };
    this.workers = new Map(
      application.workers.map((worker) => [
        worker.queue,
        new WorkerFunction(this, worker.queue, {
          ...rest,
          functionName: functionNames.worker(prefix, worker.queue),
          appModule,
          worker,
          queueArn: may.queueArn(awsNames.queue(prefix, worker.queue)),
          environment: { ...cellar, ...environment },
          permissions: [...may.worker(worker.queue), ...permissions(worker.queue)],
        }),
      ]),
    );
    this.forwarder = new ForwarderFunction(this, 'Forwarder', {
      ...rest,
      functionName: functionNames.forwarder(prefix),
      appModule,
      queueArn: may.queueArn(awsNames.delayQueue(prefix)),
      environment: cellar,
      permissions: may.forwarder(),
    });
    if (Object.keys(topology.schedules).length > 0) {
      this.beat = new BeatFunction(this, 'Beat', {
        ...rest,
        functionName: functionNames.beat(prefix),
        appModule,
        prefix,
        topology,
        undeliveredQueue: Queue.fromQueueArn(this, 'Undelivered', may.queueArn(awsNames.undeliveredQueue(prefix))),
        environment: cellar,
        permissions: may.client(),
      });
    }
    this.#alarms(alarmTopic);
  }

  /**
   * Over all functions of the account in this region: an alarm of its own for each would cost as much as the queue does.
   * What a single function does shows in its queue: its messages grow old, or die.
   */
  #alarms(alarmTopic: ITopic | undefined): void {
    const { region } = Stack.of(this);
    for (const [metricName, what] of [
      ['Errors', 'ended with an error'],
      ['Throttles', 'were throttled'],
    ] as const) {
      alarmOn(this, `${metricName}Alarm`, {
        description: `Calls of Lambda functions ${what}`,
        metric: new Metric({
          namespace: 'AWS/Lambda',
          metricName,
          statistic: 'sum',
          period: Duration.minutes(5),
          region,
        }),
        above: 0,
        alarmTopic,
      });
    }
  }
}
