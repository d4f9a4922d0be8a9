/** Names of what the shop has on AWS beside Cellar's own. */
import { Stack } from 'aws-cdk-lib';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct, IConstruct } from 'constructs';
import { shopTableName } from '../shared/shop/stores/dynamo/table.ts';

export const shopNames = {
  alarmTopic: (prefix: string) => `${prefix}-alarms`,
  table: shopTableName,
  webhookSecret: (prefix: string) => `${prefix}/payment-webhook`,
  dashboardSecret: (prefix: string) => `${prefix}/dashboard`,
  function: (prefix: string, name: string) => `${prefix}-${name}`,
} as const;

/** Bucket names are unique in the world, so they have the account and the region in them. */
export function bucketName(scope: IConstruct, prefix: string, name: string): string {
  const { account, region } = Stack.of(scope);
  return `${prefix}-${name}-${account}-${region}`;
}

/** The topic that alarms tell, from another stack than its own. */
export function alarmTopicOf(scope: Construct, { prefix }: { readonly prefix: string }): ITopic {
  const topicArn = Stack.of(scope).formatArn({ service: 'sns', resource: shopNames.alarmTopic(prefix) });
  return Topic.fromTopicArn(scope, 'Alarms', topicArn);
}
