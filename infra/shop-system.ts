/** All stacks of the shop. They find each other by name, so each can be deployed and deleted by itself. */

import type { App } from 'aws-cdk-lib';
import { Tags, Validations } from 'aws-cdk-lib';
import { AwsSolutionsChecks } from 'cdk-nag';
import { acknowledge } from './acknowledge.ts';
import { type Deployment, readDeployment } from './deployment.ts';
import { ApiStack } from './stacks/api-stack.ts';
import { DashboardStack } from './stacks/dashboard-stack.ts';
import { MessagingStack } from './stacks/messaging-stack.ts';
import { StorageStack } from './stacks/storage-stack.ts';
import { WebStack } from './stacks/web-stack.ts';
import { WorkersStack } from './stacks/workers-stack.ts';

/**
 * Makes the stacks of the stage that the context names, checked by AWS's own rules.
 * @throws what `readDeployment` throws
 */
export async function makeShopSystem(app: App): Promise<Deployment> {
  const deployment = await readDeployment(app.node);
  const { prefix, cdn } = deployment;
  const messaging = new MessagingStack(app, `${prefix}-messaging`, deployment);
  const storage = new StorageStack(app, `${prefix}-storage`, deployment);
  const workers = new WorkersStack(app, `${prefix}-workers`, deployment);
  const api = new ApiStack(app, `${prefix}-api`, deployment);
  const dashboard = new DashboardStack(app, `${prefix}-dashboard`, deployment);
  const web = cdn ? [new WebStack(app, `${prefix}-web`, { deployment, api: api.endpoint })] : [];
  storage.addStackDependency(messaging);
  for (const stack of [workers, api, dashboard]) stack.addStackDependency(storage);
  const stacks = [messaging, storage, workers, api, dashboard, ...web];
  for (const stack of stacks) acknowledge(stack, ownPatterns(prefix));
  Tags.of(app).add('application', prefix);
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  return deployment;
}

/** Resources that a pattern names, because what they name is made at run time; each pattern is within the shop's own. */
function ownPatterns(prefix: string): Readonly<Record<string, string>> {
  const bucket = (name: string) => `arn:<AWS::Partition>:s3:::${prefix}-${name}-<AWS::AccountId>-<AWS::Region>/*`;
  const schedules = `arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/${prefix}/*`;
  return {
    [`AwsSolutions-IAM5[Resource::${bucket('payloads')}]`]: 'large bodies have names that nobody can guess',
    [`AwsSolutions-IAM5[Resource::${bucket('files')}]`]: 'invoices and reports are named by order and day',
    [`AwsSolutions-IAM5[Resource::${bucket('pages')}]`]: 'the pages are named as they are found in the sources',
    [`AwsSolutions-IAM5[Resource::${schedules}]`]: 'the schedule of a delayed task is named by its id',
  };
}
