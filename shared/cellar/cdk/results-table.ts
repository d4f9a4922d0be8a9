/** The table of results, claims, revocations and counters, as the result store reads it. */
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  type Attribute,
  AttributeType,
  BillingMode,
  ProjectionType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { resultsTable } from '../results/dynamodb/results-table.ts';

export interface ResultsTableProps {
  readonly tableName: string;
  /** Can be restored to any second of the last 35 days, for a price by size. @default true */
  readonly pointInTimeRecovery?: boolean;
  /** @default RemovalPolicy.DESTROY */
  readonly removalPolicy?: RemovalPolicy;
}

export class ResultsTable extends Construct {
  readonly table: Table;

  constructor(scope: Construct, id: string, props: ResultsTableProps) {
    super(scope, id);
    const { hashKey, timeToLiveAttribute, index } = resultsTable;
    this.table = new Table(this, 'Table', {
      tableName: props.tableName,
      partitionKey: attribute(hashKey),
      timeToLiveAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.AWS_MANAGED,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: props.pointInTimeRecovery ?? true },
      removalPolicy: props.removalPolicy ?? RemovalPolicy.DESTROY,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: index.name,
      partitionKey: attribute(index.hashKey),
      sortKey: attribute(index.rangeKey),
      projectionType: ProjectionType.INCLUDE,
      nonKeyAttributes: [...index.includedAttributes],
    });
  }
}

function attribute({ name, type }: { readonly name: string; readonly type: 'S' | 'N' }): Attribute {
  return { name, type: type === 'S' ? AttributeType.STRING : AttributeType.NUMBER };
}
