/** What an application keeps: the table of results and the bucket of large bodies. */
import { type RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { awsNames } from '../aws/location.ts';
import { PayloadsBucket } from './payloads-bucket.ts';
import { ResultsTable } from './results-table.ts';

export interface AppStorageProps {
  /** What all names of the application begin with. */
  readonly prefix: string;
  /** @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

export class AppStorage extends Construct {
  readonly results: ResultsTable;
  readonly payloads: PayloadsBucket;

  constructor(scope: Construct, id: string, { prefix, ...rest }: AppStorageProps) {
    super(scope, id);
    const { account, region } = Stack.of(this);
    this.results = new ResultsTable(this, 'Results', { tableName: awsNames.resultsTable(prefix), ...rest });
    const bucketName = awsNames.payloadsBucket({ prefix, account, region });
    this.payloads = new PayloadsBucket(this, 'Payloads', { bucketName, ...rest });
  }
}
