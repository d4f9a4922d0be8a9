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
import type { WorkerPlan } from './worker-plan.ts';

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

  readonly #props: AppWorkersProps;
  readonly #may: Permissions;

  constructor(scope: Construct, id: string, props: AppWorkersProps) {
    super(scope, id);
    this.#props = props;
    const { prefix, plan, topology, workers } = props.application;
    this.#may = new Permissions(this, { prefix, plan });
    this.workers = new Map(workers.map((worker) => [worker.queue, this.#worker(worker)]));
    this.forwarder = new ForwarderFunction(this, 'Forwarder', {
      ...this.#common(functionNames.forwarder(prefix)),
      queueArn: this.#may.queueArn(awsNames.delayQueue(prefix)),
      permissions: this.#may.forwarder(),
    });
    this.beat = Object.keys(topology.schedules).length === 0 ? undefined : this.#beat();
    this.#alarms(props.alarmTopic);
  }

  #worker(worker: WorkerPlan): WorkerFunction {
    const { application, environment = {}, permissions = () => [] } = this.#props;
    const { prefix } = application;
    const { queue } = worker;
    const common = this.#common(functionNames.worker(prefix, queue));
    return new WorkerFunction(this, queue, {
      ...common,
      worker,
      queueArn: this.#may.queueArn(awsNames.queue(prefix, queue)),
      environment: { ...common.environment, ...environment },
      permissions: [...this.#may.worker(queue), ...permissions(queue)],
    });
  }

  #beat(): BeatFunction {
    const { prefix, topology } = this.#props.application;
    const undelivered = this.#may.queueArn(awsNames.undeliveredQueue(prefix));
    return new BeatFunction(this, 'Beat', {
      ...this.#common(functionNames.beat(prefix)),
      prefix,
      topology,
      undeliveredQueue: Queue.fromQueueArn(this, 'Undelivered', undelivered),
      permissions: this.#may.client(),
    });
  }

  /** What all functions have. */
  #common(functionName: string) {
    const { application, logRetention, removalPolicy } = this.#props;
    return {
      functionName,
      appModule: application.appModule,
      environment: { CELLAR_BROKER_URL: brokerUrl(this, application.prefix) },
      ...(logRetention === undefined ? undefined : { logRetention }),
      ...(removalPolicy === undefined ? undefined : { removalPolicy }),
    };
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
