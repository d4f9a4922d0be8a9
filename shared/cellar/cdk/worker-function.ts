/** The Lambda function of one queue: every task of its folder, and the queue as its source of events. */
import { Duration, type RemovalPolicy } from 'aws-cdk-lib';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { workerEntry } from './entry-code.ts';
import { NodeFunction } from './node-function.ts';
import type { WorkerPlan } from './worker-plan.ts';

export interface WorkerFunctionProps {
  /** At most 64 characters. */
  readonly functionName: string;
  /** Path of the module that exports `app`. */
  readonly appModule: string;
  readonly worker: WorkerPlan;
  readonly queueArn: string;
  /** CELLAR_BROKER_URL, and what its handlers read. */
  readonly environment: Readonly<Record<string, string>>;
  /** What its role may do beside writing its log; the queue's messages among it. */
  readonly permissions: readonly PolicyStatement[];
  /** @default RetentionDays.ONE_MONTH */
  readonly logRetention?: RetentionDays;
  /** Of the log group. @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

/** Enough for most, and an account's 1000 calls side by side are not one queue's. */
const DEFAULT_CONCURRENCY = 10;

export class WorkerFunction extends Construct {
  readonly function: NodeFunction;

  constructor(scope: Construct, id: string, props: WorkerFunctionProps) {
    super(scope, id);
    const { worker, appModule, queueArn, ...rest } = props;
    const { memorySize, strictOrder = false, maxConcurrency = DEFAULT_CONCURRENCY } = worker.settings;
    this.function = new NodeFunction(this, 'Worker', {
      ...rest,
      description: `Tasks of the queue ${worker.queue}`,
      entry: workerEntry(appModule, worker.files),
      timeout: Duration.seconds(worker.timeoutSeconds),
      ...(memorySize === undefined ? undefined : { memorySize }),
      ...(strictOrder ? { reservedConcurrency: 1 } : undefined),
    });
    new EventSourceMapping(this, 'Source', {
      target: this.function.lambda,
      eventSourceArn: queueArn,
      batchSize: worker.batchSize,
      reportBatchItemFailures: true,
      ...(strictOrder ? undefined : { maxConcurrency }),
    }).node.addDependency(this.function.role); // it is refused while the role may not receive
  }
}
