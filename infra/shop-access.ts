/** What the shop's functions are told of its data, and what they may do with them. */
import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { brokerUrl } from 'cellar/cdk';
import type { IConstruct } from 'constructs';
import { shopTable } from '../shared/shop/stores/dynamo/table.ts';
import type { Deployment } from './deployment.ts';
import { bucketName, shopNames } from './shop-names.ts';

/** Environment of every function that opens the shop. */
export function shopEnvironment(scope: IConstruct, { prefix, mailFrom }: Deployment): Record<string, string> {
  return {
    CELLAR_BROKER_URL: brokerUrl(scope, prefix),
    SHOP_TABLE: shopNames.table(prefix),
    SHOP_FILES_BUCKET: bucketName(scope, prefix, 'files'),
    SHOP_MAIL_FROM: mailFrom,
    SHOP_WEBHOOK_SECRET_ID: shopNames.webhookSecret(prefix),
  };
}

const ITEM_ACTIONS = ['GetItem', 'BatchGetItem', 'PutItem', 'UpdateItem', 'DeleteItem', 'ConditionCheckItem'];

/** Items of the shop's table, one by one and in transactions, and its index of paid orders. */
export function mayUseShopTable(scope: IConstruct, { prefix }: Deployment): PolicyStatement[] {
  const table = Stack.of(scope).formatArn({
    service: 'dynamodb',
    resource: 'table',
    resourceName: shopNames.table(prefix),
  });
  return [
    new PolicyStatement({ actions: ITEM_ACTIONS.map((action) => `dynamodb:${action}`), resources: [table] }),
    new PolicyStatement({
      actions: ['dynamodb:Query'],
      resources: [table, `${table}/index/${shopTable.paidIndex.name}`],
    }),
  ];
}

/** Invoices and reports; listing tells a missing file from one that may not be read. */
export function mayUseFiles(scope: IConstruct, { prefix }: Deployment): PolicyStatement[] {
  const resource = bucketName(scope, prefix, 'files');
  const bucket = Stack.of(scope).formatArn({ service: 's3', region: '', account: '', resource });
  return [
    new PolicyStatement({ actions: ['s3:GetObject', 's3:PutObject'], resources: [`${bucket}/*`] }),
    new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket] }),
  ];
}

/** Mails from the shop's own address: SES may have verified the address or its domain. */
export function mayMail(scope: IConstruct, { mailFrom }: Deployment): PolicyStatement[] {
  const identities = [mailFrom, mailFrom.slice(mailFrom.indexOf('@') + 1)];
  const resources = identities.map((resourceName) =>
    Stack.of(scope).formatArn({ service: 'ses', resource: 'identity', resourceName }),
  );
  return [new PolicyStatement({ actions: ['ses:SendEmail', 'ses:SendRawEmail'], resources })];
}
