import { beforeAll, describe, expect, it } from '@jest/globals';
import { App, type Stack } from 'aws-cdk-lib';
import { readDeployment } from '../../infra/deployment.ts';
import { costsOf, costsText } from '../../infra/print-costs.ts';
import { makeShopSystem } from '../../infra/shop-system.ts';
import { setAsideMetric } from '../../shared/shop/outbox-metric.ts';
import { appWithoutBundles, type Resource, resourcesOf, roleStatements, textOf } from '../cellar/cdk/templates.ts';

interface System {
  readonly app: App;
  readonly stacks: readonly Stack[];
}

async function systemOf(context: Readonly<Record<string, string>>): Promise<System> {
  const app = appWithoutBundles(context);
  await makeShopSystem(app);
  return { app, stacks: app.node.children as Stack[] };
}

/** Types that hold data, and where their template says that it is encrypted. */
const ENCRYPTED: Readonly<Record<string, (properties: Resource['properties']) => unknown>> = {
  'AWS::SQS::Queue': ({ SqsManagedSseEnabled }) => SqsManagedSseEnabled,
  'AWS::DynamoDB::Table': ({ SSESpecification }) => SSESpecification?.SSEEnabled,
  'AWS::S3::Bucket': ({ BucketEncryption }) => BucketEncryption !== undefined,
  // A topic of alarms holds no data, and CloudWatch cannot use SNS's own key.
  'AWS::SNS::Topic': ({ KmsMasterKeyId, FifoTopic }) => FifoTopic !== true || KmsMasterKeyId !== undefined,
};

describe('the shop on AWS', () => {
  let prod: System;
  let dev: System;

  beforeAll(async () => {
    prod = await systemOf({ stage: 'prod', cdn: 'true' });
    dev = await systemOf({ stage: 'dev', cdn: 'false' });
  }, 60_000);

  const all = (type: string, { stacks }: System = prod): readonly Resource[] => resourcesOf(stacks, type);

  it('is storage, messaging, workers, api, dashboard and web', () => {
    const names = ({ stacks }: System) => stacks.map(({ stackName }) => stackName).sort();
    expect(names(prod)).toEqual(
      ['api', 'dashboard', 'messaging', 'storage', 'web', 'workers'].map((name) => `wine-shop-prod-${name}`),
    );
    expect(names(dev)).not.toContain('wine-shop-dev-web'); // a function serves the pages
  });

  it("passes AWS's own rules, each finding that does not apply with its reason", () => {
    expect(() => prod.app.synth()).not.toThrow();
    expect(() => dev.app.synth()).not.toThrow();
  }, 60_000);

  it.each(Object.entries(ENCRYPTED))('encrypts every %s', (type, isEncrypted) => {
    const resources = all(type);
    expect(resources.length).toBeGreaterThan(0);
    for (const { logicalId, properties } of resources)
      expect([logicalId, isEncrypted(properties)]).toEqual([logicalId, true]);
  });

  it('takes data by TLS only', () => {
    const policies = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'].flatMap((type) =>
      all(type),
    );
    const holders = ['AWS::SQS::Queue', 'AWS::SNS::Topic', 'AWS::S3::Bucket'].flatMap((type) => all(type));
    expect(policies).toHaveLength(holders.length);
    for (const { properties } of policies) {
      expect(JSON.stringify(properties['PolicyDocument'])).toContain('"aws:SecureTransport":"false"');
    }
  });

  it('grants no role an action or a resource by `*`', () => {
    const statements = [...roleStatements(prod.stacks), ...roleStatements(dev.stacks)];
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
    const patterns = new Set(statements.flatMap(({ resources }) => resources).filter((name) => name.includes('*')));
    // Objects of the shop's own buckets, schedules of its own group: nothing else can be named by a pattern.
    for (const pattern of patterns) {
      expect(pattern).toMatch(
        /^arn:<AWS::Partition>:(s3:::wine-shop-(dev|prod)-(payloads|files|pages)-<AWS::AccountId>-<AWS::Region>|scheduler:<AWS::Region>:<AWS::AccountId>:schedule\/wine-shop-(dev|prod))\/\*$/,
      );
    }
    const managed = [...all('AWS::IAM::Role'), ...all('AWS::IAM::Role', dev)].filter(
      ({ properties }) => properties['ManagedPolicyArns'] !== undefined,
    );
    expect(managed).toEqual([]);
  });

  it('lets only the mail worker send mails, and only from its own address', () => {
    const senders = roleStatements(prod.stacks).filter(({ actions }) => actions.includes('ses:SendEmail'));
    expect(senders.map(({ resources }) => resources)).toEqual([
      ['admin@myshop.com', 'myshop.com'].map(
        (name) => `arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/${name}`,
      ),
    ]);
  });

  it('lets each function read no secret but its own', () => {
    const readers = roleStatements(prod.stacks).filter(({ actions }) =>
      actions.includes('secretsmanager:GetSecretValue'),
    );
    expect(readers.flatMap(({ resources }) => resources).sort()).toEqual([
      expect.stringMatching(/^<Password/),
      expect.stringMatching(/^<WebhookSecret/),
    ]);
  });

  it('runs every function on Node 24 and arm64, and ends its logs', () => {
    const functions = all('AWS::Lambda::Function');
    expect(functions.map(({ properties }) => properties['FunctionName']).sort()).toEqual(
      [
        ...['api', 'beat', 'dashboard', 'forwarder', 'outbox', 'seed', 'upload-pages'],
        ...['invoices', 'mail', 'recommender', 'reports'].map((queue) => `worker-${queue}`),
      ].map((name) => `wine-shop-prod-${name}`),
    );
    for (const { properties } of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'] });
    }
    const logs = all('AWS::Logs::LogGroup');
    expect(logs).toHaveLength(functions.length + 2); // two access logs
    for (const { properties } of logs) expect(properties['RetentionInDays']).toBe(30);
  });

  it('tells handlers the broker and where the shop keeps its data, but no secret', () => {
    const worker = all('AWS::Lambda::Function').find(
      ({ properties }) => properties['FunctionName'] === 'wine-shop-prod-worker-mail',
    );
    const variables = worker?.properties['Environment'].Variables ?? {};
    expect(Object.keys(variables).sort()).toEqual([
      'CELLAR_BROKER_URL',
      'SHOP_FILES_BUCKET',
      'SHOP_MAIL_FROM',
      'SHOP_TABLE',
      'SHOP_WEBHOOK_SECRET_ID',
    ]);
    expect(textOf(variables['CELLAR_BROKER_URL'])).toBe('sqs://<AWS::Region>/<AWS::AccountId>/wine-shop-prod');
  });

  it('puts the first products into the table at a deployment', () => {
    const [seeded] = all('Custom::SeededProducts');
    expect(seeded?.properties).toMatchObject({ version: expect.stringMatching(/^[0-9a-f]{16}$/) });
    expect(textOf(seeded?.properties['table'])).toMatch(/^<Shop/);
  });

  it('lets what puts them there and what drains the outbox add rows to the table, and do nothing else with it', () => {
    const writers = roleStatements(prod.stacks).filter(({ actions }) => actions.join() === 'dynamodb:PutItem');
    const table = [expect.stringMatching(/^<Shop\w+\.Arn>$/)];
    expect(writers.map(({ resources }) => resources)).toEqual([table, table]);
  });

  it('drains only new outbox rows of the stream, halves what fails, and keeps what it gave up', () => {
    const [source] = all('AWS::Lambda::EventSourceMapping').filter(({ properties }) => properties['StartingPosition']);
    expect(source?.properties).toMatchObject({
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      DestinationConfig: { OnFailure: { Destination: expect.anything() } },
    });
    const [filter] = source?.properties['FilterCriteria'].Filters ?? [];
    expect(JSON.parse(filter.Pattern)).toEqual({
      eventName: ['INSERT'],
      dynamodb: { Keys: { sk: { S: [{ prefix: 'outbox#' }] } } },
    });
  });

  it('alarms when rows of the outbox are not published, which no count of errors shows', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(({ properties }) => properties);
    const ofOutbox = alarms.find(({ MetricName }) => MetricName === 'IteratorAge');
    expect(ofOutbox).toMatchObject({ Threshold: 300_000, Namespace: 'AWS/Lambda' });
    const ofRowsSetAside = alarms.find(({ MetricName }) => MetricName === setAsideMetric.name);
    expect(ofRowsSetAside).toMatchObject({ Threshold: 0, Namespace: 'WineShop', Dimensions: [{ Name: 'table' }] });
    for (const { AlarmActions } of alarms) expect(textOf(AlarmActions[0])).toMatch(/^<Alarms|:wine-shop-prod-alarms$/);
  });

  it('throttles its APIs and logs who calls them', () => {
    const stages = all('AWS::ApiGatewayV2::Stage');
    expect(stages).toHaveLength(2);
    for (const { properties } of stages) {
      expect(properties['DefaultRouteSettings'].ThrottlingRateLimit).toBeGreaterThan(0);
      expect(properties['AccessLogSettings'].DestinationArn).toBeDefined();
    }
  });

  it('lets pages of another site call the API only where it is named', async () => {
    const corsOf = (system: System) =>
      all('AWS::ApiGatewayV2::Api', system).map(({ properties }) => properties['CorsConfiguration']);
    expect(corsOf(prod)).toEqual([undefined, undefined]);
    const named = await systemOf({ stage: 'prod', webOrigin: 'https://shop.example.com' });
    expect(corsOf(named).map((cors) => cors?.AllowOrigins)).toEqual([['https://shop.example.com'], undefined]);
  });

  it('plays the payment provider in dev only', () => {
    const paths = (system: System) =>
      all('AWS::ApiGatewayV2::Route', system).map(({ properties }) => properties['RouteKey']);
    expect(paths(dev)).toContain('ANY /pay/{proxy+}');
    expect(paths(prod).filter((path) => path.includes('pay'))).toEqual([]);
  });

  it('keeps in prod what holds data, and deletes it with the stacks of dev', () => {
    const kept = ['AWS::SQS::Queue', 'AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::SecretsManager::Secret'];
    for (const type of kept) {
      for (const { deletionPolicy } of all(type)) expect(deletionPolicy).toBe('Retain');
      for (const { deletionPolicy } of all(type, dev)) expect(deletionPolicy).toBe('Delete');
    }
  });

  it('empties the buckets of dev when their stack is deleted, and none of prod', async () => {
    const withCdn = await systemOf({ stage: 'dev', cdn: 'true' });
    const emptied = all('Custom::EmptiedBucket', withCdn).map(({ properties }) => textOf(properties['bucket']));
    const buckets = all('AWS::S3::Bucket', withCdn).map(({ properties }) => textOf(properties['BucketName']));
    expect(buckets).toHaveLength(3);
    expect(emptied.sort()).toEqual(buckets.sort());
    expect(() => withCdn.app.synth()).not.toThrow(); // AWS's own rules
    expect(all('Custom::EmptiedBucket')).toEqual([]);
    const deleters = roleStatements(prod.stacks).filter(({ actions }) => actions.includes('s3:DeleteObject'));
    expect(deleters).toEqual([]);
  }, 60_000);

  it('serves the pages from a private bucket, the API under the same origin', () => {
    const [distribution] = all('AWS::CloudFront::Distribution');
    const { DefaultCacheBehavior, CacheBehaviors, Origins } = distribution?.properties['DistributionConfig'] ?? {};
    expect(DefaultCacheBehavior.ViewerProtocolPolicy).toBe('redirect-to-https');
    expect(CacheBehaviors.map(({ PathPattern }: { PathPattern: string }) => PathPattern)).toEqual(['/api/*']);
    expect(Origins).toHaveLength(2);
    expect(all('AWS::CloudFront::OriginAccessControl')).toHaveLength(1);
  });

  it('puts out where it can be reached', () => {
    const outputs = (system: System) =>
      system.stacks
        .flatMap((stack) => system.app.synth().getStackArtifact(stack.artifactId).template.Outputs ?? {})
        .flatMap((each) => Object.keys(each));
    const addresses = ['ApiUrl', 'WebUrl', 'DashboardUrl', 'BrokerUrl'];
    expect(outputs(prod)).toEqual(expect.arrayContaining(addresses));
    expect(outputs(dev)).toEqual(expect.arrayContaining(addresses));
  });
});

describe('readDeployment', () => {
  it.each([
    [{ stage: 'test' }, 'stage is "test", allowed: dev, prod (-c stage=dev)'],
    [{ cdn: 'maybe' }, 'cdn is "maybe", allowed: true, false (-c cdn=true)'],
    [{ webOrigin: '*' }, 'webOrigin is "*", allowed: an origin (-c webOrigin=https://shop.example.com)'],
    [{ mailFrom: 'nobody' }, 'mailFrom is "nobody", allowed: one address (-c mailFrom=shop@example.com)'],
  ])('refuses %j', async (context, sentence) => {
    await expect(readDeployment(new App({ context }).node)).rejects.toMatchObject({
      code: 'bad-settings',
      message: sentence,
    });
  });

  it('takes dev unless told otherwise', async () => {
    expect(await readDeployment(new App().node)).toMatchObject({ stage: 'dev', prefix: 'wine-shop-dev' });
  });
});

describe('what it costs', () => {
  it('is some 0.50 USD a month for an idle queue with its alarms, and cents for a million tasks', async () => {
    const { application } = await readDeployment(new App().node);
    const { idlePerMonth, perMillionTasks } = costsOf(application);
    // Lambda's five idle pollers, by long polls of 20 s, and two alarms of 0.10 USD.
    expect(idlePerMonth.perQueue.least).toBeCloseTo(0.52, 2);
    expect(idlePerMonth.perQueue.most).toBeCloseTo(0.52, 2);
    expect(perMillionTasks.map(({ perMillion }) => Number(perMillion.toFixed(2)))).toEqual([
      0.24, 0.69, 1.94, 0.74, 1.74, 0.62,
    ]);
    const text = costsText(application);
    expect(text).toContain('idle, a month: 0.52 a queue with its alarms');
    expect(text).toContain('a million tasks sent in batches, no result: 0.24');
  });
});
