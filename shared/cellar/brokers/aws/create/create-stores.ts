import {
  CreateTableCommand,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateScheduleGroupCommand, SchedulerClient } from '@aws-sdk/client-scheduler';
import { type AwsLocation, awsNames } from '../../../aws/location.ts';
import { resultsTable } from '../../../results/dynamodb/results-table.ts';

/** The table of results, the bucket of large bodies, and the group of one-time schedules. */
export async function createStores(location: AwsLocation): Promise<void> {
  await Promise.all([createTable(location), createBucket(location), createScheduleGroup(location)]);
}

/** The table of results; one that is there already stays. */
export async function createTable(location: AwsLocation): Promise<void> {
  const client = new DynamoDBClient(location);
  const TableName = awsNames.resultsTable(location.prefix);
  const { hashKey, index, timeToLiveAttribute } = resultsTable;
  const keys = [hashKey, index.hashKey, index.rangeKey];
  try {
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map(({ name, type }) => ({ AttributeName: name, AttributeType: type })),
        KeySchema: [{ AttributeName: hashKey.name, KeyType: 'HASH' }],
        GlobalSecondaryIndexes: [
          {
            IndexName: index.name,
            KeySchema: [
              { AttributeName: index.hashKey.name, KeyType: 'HASH' },
              { AttributeName: index.rangeKey.name, KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'INCLUDE', NonKeyAttributes: [...index.includedAttributes] },
          },
        ],
      }),
    );
    await client.send(
      new UpdateTimeToLiveCommand({
        TableName,
        TimeToLiveSpecification: { AttributeName: timeToLiveAttribute, Enabled: true },
      }),
    );
  } catch (error) {
    ignoreNamed(error, 'ResourceInUseException');
    await client.send(new DescribeTableCommand({ TableName }));
  } finally {
    client.destroy();
  }
}

/** The bucket of large bodies. */
export async function createBucket(location: AwsLocation): Promise<void> {
  const client = new S3Client({ ...location, forcePathStyle: location.endpoint !== undefined });
  const isFirstRegion = location.region === 'us-east-1'; // which must not be named (S3 API, CreateBucket)
  const place = isFirstRegion
    ? {}
    : { CreateBucketConfiguration: { LocationConstraint: location.region as 'eu-west-1' } };
  try {
    await client.send(new CreateBucketCommand({ Bucket: awsNames.payloadsBucket(location), ...place }));
  } catch (error) {
    ignoreNamed(error, 'BucketAlreadyOwnedByYou');
  } finally {
    client.destroy();
  }
}

async function createScheduleGroup(location: AwsLocation): Promise<void> {
  const client = new SchedulerClient(location);
  try {
    await client.send(new CreateScheduleGroupCommand({ Name: awsNames.scheduleGroup(location.prefix) }));
  } catch (error) {
    ignoreNamed(error, 'ConflictException');
  } finally {
    client.destroy();
  }
}

/** It exists already. */
function ignoreNamed(error: unknown, name: string): void {
  if (!(error instanceof Error && error.name === name)) throw error;
}
