/** What the shop keeps: Cellar's results and large bodies, its own table and files; and the outbox, which reads the table's stream. */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { AppStorage } from 'cellar/cdk';
import type { Construct } from 'constructs';
import { seedProducts } from '../../shared/shop/seed.ts';
import { shopTable } from '../../shared/shop/stores/dynamo/table.ts';
import { acknowledge } from '../acknowledge.ts';
import { DeployStep } from '../deploy-step.ts';
import type { Deployment } from '../deployment.ts';
import { EmptiedBuckets } from '../emptied-buckets.ts';
import { OutboxFunction } from '../outbox-function.ts';
import { bucketName, shopNames } from '../shop-names.ts';

export class StorageStack extends Stack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    const { prefix, removalPolicy } = deployment;
    const { payloads } = new AppStorage(this, 'Cellar', { prefix, removalPolicy });
    const table = this.#shopTable(deployment);
    const files = new Bucket(this, 'Files', {
      bucketName: bucketName(this, prefix, 'files'),
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      lifecycleRules: [{ abortIncompleteMultipartUploadAfter: Duration.days(1) }],
      removalPolicy,
    });
    for (const bucket of [payloads.bucket, files]) {
      acknowledge(bucket, {
        'AwsSolutions-S1':
          'only the functions of this application read and write it; a log of each access would be larger than what it holds',
      });
    }
    const emptied = new EmptiedBuckets(this, 'Emptied', {
      deployment,
      stack: 'storage',
      buckets: ['payloads', 'files'],
    });
    emptied.node.addDependency(payloads.bucket, files);
    this.#seed(table, deployment);
    new OutboxFunction(this, 'Outbox', { deployment, table });
    new CfnOutput(this, 'ShopTable', { value: table.tableName });
    new CfnOutput(this, 'FilesBucket', { value: files.bucketName });
  }

  #shopTable({ prefix, removalPolicy }: Deployment): Table {
    const { partitionKey, sortKey, timeToLive, paidIndex, streamView } = shopTable;
    const table = new Table(this, 'Shop', {
      tableName: shopNames.table(prefix),
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      sortKey: { name: sortKey, type: AttributeType.STRING },
      timeToLiveAttribute: timeToLive,
      stream: StreamViewType[streamView],
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      removalPolicy,
    });
    table.addGlobalSecondaryIndex({
      indexName: paidIndex.name,
      partitionKey: { name: paidIndex.partitionKey.name, type: AttributeType.STRING },
      sortKey: { name: paidIndex.sortKey.name, type: AttributeType.NUMBER },
      projectionType: ProjectionType.ALL,
    });
    return table;
  }

  /** Puts the first products into the table; may add rows to it, not read them. */
  #seed({ tableName, tableArn }: Table, { prefix, removalPolicy }: Deployment): void {
    new DeployStep(this, 'Seed', {
      functionName: shopNames.function(prefix, 'seed'),
      description: "Puts the first wines and coupons into the shop's table, and leaves those that are there",
      file: 'seed/handler.ts',
      permissions: [new PolicyStatement({ actions: ['dynamodb:PutItem'], resources: [tableArn] })],
      resourceType: 'Custom::SeededProducts',
      properties: { table: tableName },
      worksFrom: seedProducts(),
      removalPolicy,
    });
  }
}
