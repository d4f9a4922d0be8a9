/** A function for each worker folder, the forwarder of delayed messages, and beat with the periodic tasks. */
import { Stack } from 'aws-cdk-lib';
import { AppWorkers } from 'cellar/cdk';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { mayMail, mayUseFiles, mayUseShopTable, shopEnvironment } from '../shop-access.ts';
import { alarmTopicOf } from '../shop-names.ts';

/** The queue whose tasks write to customers. */
const MAIL_QUEUE = 'mail';

export class WorkersStack extends Stack {
  constructor(scope: Construct, id: string, deployment: Deployment) {
    super(scope, id);
    const { application, removalPolicy } = deployment;
    new AppWorkers(this, 'Cellar', {
      application,
      removalPolicy,
      alarmTopic: alarmTopicOf(this, deployment),
      environment: shopEnvironment(this, deployment),
      permissions: (queue) => [
        ...mayUseShopTable(this, deployment),
        ...mayUseFiles(this, deployment),
        ...(queue === MAIL_QUEUE ? mayMail(this, deployment) : []),
      ],
    });
  }
}
