import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { shopTable } from '../../../shared/shop/stores/dynamo/table.ts';
import { EMULATED_REGION } from '../../support/aws/emulator.ts';

/** Makes the shop's table on an emulator, as its description says; with a stream. */
export async function makeShopTable(endpoint: string, name: string): Promise<void> {
  const { partitionKey, sortKey, paidIndex, streamView } = shopTable;
  const client = new DynamoDBClient({ endpoint, region: EMULATED_REGION });
  await client.send(
    new CreateTableCommand({
      TableName: name,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: partitionKey, AttributeType: 'S' },
        { AttributeName: sortKey, AttributeType: 'S' },
        { AttributeName: paidIndex.partitionKey.name, AttributeType: paidIndex.partitionKey.type },
        { AttributeName: paidIndex.sortKey.name, AttributeType: paidIndex.sortKey.type },
      ],
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: paidIndex.name,
          KeySchema: [
            { AttributeName: paidIndex.partitionKey.name, KeyType: 'HASH' },
            { AttributeName: paidIndex.sortKey.name, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: streamView },
    }),
  );
  client.destroy();
}
