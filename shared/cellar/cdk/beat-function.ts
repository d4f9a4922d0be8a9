/** The function that sends the periodic tasks of a topology, and the schedules that call it. */
import { Duration, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { awsNames } from '../aws/location.ts';
import type { Topology } from '../topology.ts';
import { beatEntry } from './entry-code.ts';
import { NodeFunction, type NodeFunctionProps } from './node-function.ts';
import { PeriodicTask } from './periodic-task.ts';

export interface BeatFunctionProps extends Omit<NodeFunctionProps, 'entry' | 'description' | 'timeout'> {
  /** Path of the module that exports `app`. */
  readonly appModule: string;
  /** What all names of the application begin with; its schedule group and scheduler role exist. */
  readonly prefix: string;
  readonly topology: Topology;
  /** Where a firing goes that could not be sent. */
  readonly undeliveredQueue: IQueue;
}

/** Lambda calls it again after one minute and after two, so within SQS's five minutes of deduplication. */
const RETRIES = { retryAttempts: 2, maxEventAge: Duration.minutes(4) } as const;
const TIMEOUT = Duration.seconds(30);

export class BeatFunction extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: BeatFunctionProps) {
    super(scope, id);
    const { appModule, prefix: _, topology: __, undeliveredQueue, ...rest } = props;
    this.function = new NodeFunction(this, 'Beat', {
      ...rest,
      description: 'Sends periodic tasks',
      entry: beatEntry(appModule),
      timeout: TIMEOUT,
    });
    this.function.lambda.configureAsyncInvoke({ ...RETRIES, onFailure: new SqsDestination(undeliveredQueue) });
    this.#schedules(props);
  }

  #schedules({ prefix, topology, undeliveredQueue }: BeatFunctionProps): void {
    const { functionArn } = this.function.lambda;
    const role = this.#schedulerRole(prefix);
    role.addToPrincipalPolicy(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    for (const [scheduleName, { schedule }] of Object.entries(topology.schedules)) {
      new PeriodicTask(this, scheduleName, {
        scheduleName,
        schedule,
        groupName: awsNames.scheduleGroup(prefix),
        functionArn,
        roleArn: role.roleArn,
        deadLetterQueueArn: undeliveredQueue.queueArn,
      }).node.addDependency(role);
    }
  }

  #schedulerRole(prefix: string) {
    return Role.fromRoleName(this, 'SchedulerRole', awsNames.schedulerRole({ prefix, region: Stack.of(this).region }));
  }
}
