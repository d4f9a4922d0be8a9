/** Queues, exchanges and delays of the topology, and the topic that alarms tell. */
import { CfnOutput, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { AppMessaging, brokerUrl } from 'cellar/cdk';
import type { Construct } from 'constructs';
import type { Deployment } from '../deployment.ts';
import { shopNames } from '../shop-names.ts';

export class MessagingStack extends Stack {
  constructor(scope: Construct, id: string, { application, prefix, removalPolicy }: Deployment) {
    super(scope, id);
    const alarmTopic = new Topic(this, 'Alarms', { topicName: shopNames.alarmTopic(prefix), enforceSSL: true });
    alarmTopic.addToResourcePolicy(
      new PolicyStatement({
        actions: ['sns:Publish'],
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        resources: [alarmTopic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
      }),
    );
    new AppMessaging(this, 'Cellar', { application, removalPolicy, alarmTopic });
    new CfnOutput(this, 'BrokerUrl', { value: brokerUrl(this, prefix) });
    new CfnOutput(this, 'AlarmTopic', { value: alarmTopic.topicArn });
  }
}
