import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { resultsTable } from '../../../../shared/cellar/results/dynamodb/results-table.ts';
import { EMULATED_REGION } from '../../../support/aws/emulator.ts';

/** Makes a table of results on an emulator, as a deployment does. */
export async function makeResultsTable(endpoint: string, name: string): Promise<void> {
  const { hashKey, index } = resultsTable;
  const client = new DynamoDBClient({
    endpoint,
    region: EMULATED_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  const keys = [hashKey, index.hashKey, index.rangeKey];
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: keys.map((key) => ({ AttributeName: key.name, AttributeType: key.type })),
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
  client.destroy();
}
