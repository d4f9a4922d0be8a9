import { Stack } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';

/** CELLAR_BROKER_URL of an application that is deployed where this construct is. */
export function brokerUrl(scope: IConstruct, prefix: string): string {
  const { region, account } = Stack.of(scope);
  return `sqs://${region}/${account}/${prefix}`;
}
