/** What `cdk` synthesizes: today the queues; the rest of the system on AWS follows. */
import { App } from 'aws-cdk-lib';
import { shopTopology } from '../shared/shop/topology.ts';
import { MessagingStack } from './stacks/messaging-stack.ts';

const app = new App();
const stage: unknown = app.node.tryGetContext('stage') ?? 'dev';
if (stage !== 'dev' && stage !== 'prod') {
  throw new Error(`the stage is ${JSON.stringify(stage)}, allowed: dev, prod (cdk synth -c stage=dev)`);
}
new MessagingStack(app, `wine-shop-${stage}-messaging`, { topology: shopTopology, stage });
