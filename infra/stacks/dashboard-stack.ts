/** The dashboard, behind a password that is made here and kept in Secrets Manager. */
import { CfnOutput, Duration, Stack } from 'aws-cdk-lib';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { brokerUrl, NodeFunction, Permissions } from 'cellar/cdk';
import type { Construct } from 'constructs';
import { acknowledge } from '../acknowledge.ts';
import type { Deployment } from '../deployment.ts';
import { functionFile } from '../function-file.ts';
import { HttpEndpoint } from '../http-endpoint.ts';
import { shopNames } from '../shop-names.ts';

/** Slow enough that guessing a password of 32 letters is hopeless, enough for some people. */
const REQUESTS_PER_SECOND = 20;

export class DashboardStack extends Stack {
  constructor(scope: Construct, id: string, { prefix, application, removalPolicy }: Deployment) {
    super(scope, id);
    const secret = new Secret(this, 'Password', {
      secretName: shopNames.dashboardSecret(prefix),
      description: 'Password of the dashboard',
      generateSecretString: { excludePunctuation: true, passwordLength: 32 },
      removalPolicy,
    });
    acknowledge(secret, { 'AwsSolutions-SMG4': 'people keep it; a new one is a new version of the secret' });
    const dashboard = new NodeFunction(this, 'Function', {
      functionName: shopNames.function(prefix, 'dashboard'),
      description: 'The dashboard',
      entry: { file: functionFile('dashboard/handler.ts') },
      timeout: Duration.seconds(29),
      environment: {
        CELLAR_BROKER_URL: brokerUrl(this, prefix),
        CELLAR_DASHBOARD_SECRET_ID: shopNames.dashboardSecret(prefix),
      },
      permissions: new Permissions(this, { prefix, plan: application.plan }).viewer(),
      removalPolicy,
    });
    secret.grantRead(dashboard.role);
    const { url } = new HttpEndpoint(this, 'Endpoint', {
      apiName: shopNames.function(prefix, 'dashboard'),
      routes: { '/': dashboard.lambda, '/{proxy+}': dashboard.lambda },
      requestsPerSecond: REQUESTS_PER_SECOND,
      authorization: 'the function itself asks for the password, which is in Secrets Manager',
      removalPolicy,
    });
    new CfnOutput(this, 'DashboardUrl', { value: url });
    new CfnOutput(this, 'DashboardSecret', { value: shopNames.dashboardSecret(prefix) });
  }
}
