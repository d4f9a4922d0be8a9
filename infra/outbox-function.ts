/** The function that publishes the messages of the shop's outbox: rows that came into its table beside an order. */
import { Duration } from 'aws-cdk-lib';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import type { Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { awsNames } from 'cellar/aws';
import { alarmOn, NodeFunction, Permissions } from 'cellar/cdk';
import { Construct } from 'constructs';
import { setAsideMetric } from '../shared/shop/outbox-metric.ts';
import { shopTable } from '../shared/shop/stores/dynamo/table.ts';
import type { Deployment } from './deployment.ts';
import { functionFile } from './function-file.ts';
import { shopEnvironment } from './shop-access.ts';
import { alarmTopicOf, shopNames } from './shop-names.ts';

export interface OutboxFunctionProps {
  readonly deployment: Deployment;
  readonly table: Table;
}

/** While AWS takes nothing, a row is tried for hours; one that is refused for good is set aside by the function itself. */
const RETRIES = 1_000;
const GIVE_UP_AFTER = Duration.hours(6);

const OLDEST_ROW = Duration.minutes(5);
const PERIOD = Duration.minutes(5);
const STREAM_ACTIONS = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

export class OutboxFunction extends Construct {
  constructor(scope: Construct, id: string, { deployment, table }: OutboxFunctionProps) {
    super(scope, id);
    const { prefix, application, removalPolicy } = deployment;
    const may = new Permissions(this, { prefix, plan: application.plan });
    const outbox = new NodeFunction(this, 'Publisher', {
      functionName: shopNames.function(prefix, 'outbox'),
      description: "Publishes the messages of the shop's outbox",
      entry: { file: functionFile('outbox/handler.ts') },
      timeout: Duration.seconds(30),
      environment: shopEnvironment(this, deployment),
      // It puts aside what cannot be published; CDK's own grant would name every index, too.
      permissions: [
        ...may.client(),
        new PolicyStatement({ actions: ['dynamodb:PutItem'], resources: [table.tableArn] }),
      ],
      removalPolicy,
    });
    const undelivered = Queue.fromQueueArn(this, 'Undelivered', may.queueArn(awsNames.undeliveredQueue(prefix)));
    const { tableStreamArn = '' } = table;
    outbox.role.addToPolicy(
      // CDK's own grant would allow ListStreams of every table.
      new PolicyStatement({ actions: STREAM_ACTIONS.map((name) => `dynamodb:${name}`), resources: [tableStreamArn] }),
    );
    new EventSourceMapping(this, 'Stream', {
      target: outbox.lambda,
      eventSourceArn: tableStreamArn,
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 100,
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      retryAttempts: RETRIES,
      maxRecordAge: GIVE_UP_AFTER,
      onFailure: new SqsDlq(undelivered),
      filters: [FilterCriteria.filter(shopTable.outboxFilter)],
    }).node.addDependency(outbox.role);
    this.#alarms(outbox.lambda, { deployment, table });
  }

  /** What it cannot publish it reports or sets aside, which Lambda counts as no error. */
  #alarms(outbox: IFunction, { deployment, table }: OutboxFunctionProps): void {
    const alarmTopic = alarmTopicOf(this, deployment);
    alarmOn(this, 'AgeAlarm', {
      description: `Rows of the outbox wait longer than ${OLDEST_ROW.toHumanString()}`,
      metric: outbox.metric('IteratorAge', { statistic: 'max', period: PERIOD }),
      above: OLDEST_ROW.toMilliseconds(),
      alarmTopic,
    });
    const { namespace, name: metricName, dimension } = setAsideMetric;
    const dimensionsMap = { [dimension]: table.tableName };
    alarmOn(this, 'AsideAlarm', {
      description:
        'Rows of the outbox were set aside, as they cannot be published: `npm run staff -- outbox` shows why',
      metric: new Metric({ namespace, metricName, dimensionsMap, statistic: 'sum', period: PERIOD }),
      above: 0,
      alarmTopic,
    });
  }
}
