import { beforeAll, describe, expect, it } from '@jest/globals';
import { Stack } from 'aws-cdk-lib';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { CellarApp } from 'cellar/cdk';
import { appWithoutBundles, type Resource, resourcesOf, roleStatements, textOf } from './templates.ts';

const APP_MODULE = new URL('./fixture/app.ts', import.meta.url).href;

describe('CellarApp', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = new Stack(appWithoutBundles(), 'Shop');
    const alarmTopic = new Topic(stack, 'Alarms');
    await CellarApp.create(stack, 'Cellar', { appModule: APP_MODULE, prefix: 'shop', stage: 'prod', alarmTopic });
  });

  const all = (type: string): readonly Resource[] => resourcesOf([stack], type);
  const named = (type: string, property: string): ReadonlyMap<string, Resource> =>
    new Map(all(type).map((resource) => [textOf(resource.properties[property]), resource]));

  it('makes a FIFO queue in high-throughput mode for each queue of the topology, and a FIFO dead-letter queue', () => {
    const queues = named('AWS::SQS::Queue', 'QueueName');
    expect([...queues.keys()].sort()).toEqual([
      'shop-delay',
      'shop-mail-dead.fifo',
      'shop-mail.fifo',
      'shop-shop-reports-dead.fifo',
      'shop-shop-reports.fifo',
      'shop-undelivered',
    ]);
    for (const [name, { properties }] of queues) {
      if (!name.endsWith('.fifo')) continue;
      expect(properties).toMatchObject({
        FifoQueue: true,
        DeduplicationScope: 'messageGroup',
        FifoThroughputLimit: 'perMessageGroupId',
      });
    }
    for (const name of ['mail', 'shop-reports']) {
      const { deadLetterTargetArn, maxReceiveCount } =
        queues.get(`shop-${name}.fifo`)?.properties['RedrivePolicy'] ?? {};
      const dead = queues.get(`shop-${name}-dead.fifo`);
      expect(textOf(deadLetterTargetArn)).toBe(`<${dead?.logicalId}.Arn>`);
      expect(maxReceiveCount).toBe(100);
    }
  });

  it('keeps messages out of sight six times as long as the function may take, and the function as long as its batch', () => {
    const functions = named('AWS::Lambda::Function', 'FunctionName');
    const queues = named('AWS::SQS::Queue', 'QueueName');
    const sources = all('AWS::Lambda::EventSourceMapping');
    const longest = { mail: 20, 'shop-reports': 600 };
    for (const [queue, limitSeconds] of Object.entries(longest)) {
      const worker = functions.get(`shop-worker-${queue}`);
      const timeout = Number(worker?.properties['Timeout']);
      const source = sources.find(({ properties }) => textOf(properties['FunctionName']) === `<${worker?.logicalId}>`);
      expect(timeout).toBeGreaterThan(Number(source?.properties['BatchSize']) * limitSeconds);
      expect(Number(queues.get(`shop-${queue}.fifo`)?.properties['VisibilityTimeout'])).toBeGreaterThanOrEqual(
        6 * timeout,
      );
    }
    const batches = sources.map(({ properties }) => properties['BatchSize']);
    expect(batches.sort()).toEqual([1, 10, 10]); // the forwarder's among them
  });

  it('has every source of events report single failures, and workers bounded in number', () => {
    const sources = all('AWS::Lambda::EventSourceMapping');
    expect(sources).toHaveLength(3);
    for (const { properties } of sources)
      expect(properties['FunctionResponseTypes']).toEqual(['ReportBatchItemFailures']);
    const bounded = sources.filter(({ properties }) => properties['ScalingConfig']?.MaximumConcurrency === 10);
    expect(bounded).toHaveLength(2);
  });

  it('runs every function on Node 24 and arm64, with a log of its own that ends and a role of its own', () => {
    const functions = all('AWS::Lambda::Function');
    expect(functions).toHaveLength(4);
    const logs = all('AWS::Logs::LogGroup');
    for (const { properties } of functions) {
      expect(properties).toMatchObject({ Runtime: 'nodejs24.x', Architectures: ['arm64'], RecursiveLoop: 'Allow' });
      const log = logs.find(({ logicalId }) => textOf(properties['LoggingConfig'].LogGroup) === `<${logicalId}>`);
      expect(log?.properties['RetentionInDays']).toBe(30);
      expect(properties['Environment'].Variables['CELLAR_BROKER_URL']).toEqual({
        'Fn::Join': ['', ['sqs://', { Ref: 'AWS::Region' }, '/', { Ref: 'AWS::AccountId' }, '/shop']],
      });
    }
    expect(new Set(functions.map(({ properties }) => textOf(properties['Role']))).size).toBe(functions.length);
  });

  it('subscribes each queue once to each exchange that reaches it, raw, by the policy of its bindings', () => {
    const topics = named('AWS::SNS::Topic', 'TopicName');
    expect([...topics.keys()].filter((name) => name.endsWith('.fifo')).sort()).toEqual([
      'shop-news.fifo',
      'shop-shop-events.fifo',
    ]);
    const subscriptions = all('AWS::SNS::Subscription').map(({ properties }) => properties);
    expect(subscriptions).toHaveLength(3);
    for (const { RawMessageDelivery, RedrivePolicy } of subscriptions) {
      expect(RawMessageDelivery).toBe(true);
      expect(textOf(RedrivePolicy.deadLetterTargetArn)).toMatch(/DeadLetters/);
    }
    const filtered = subscriptions.filter(({ FilterPolicy }) => FilterPolicy !== undefined);
    const events = topics.get('shop-shop-events.fifo')?.logicalId;
    expect(filtered.map(({ TopicArn }) => textOf(TopicArn))).toEqual([`<${events}>`]);
  });

  it('fires each schedule in its time zone through beat, without a window, with few retries and a place for what failed', () => {
    const schedules = named('AWS::Scheduler::Schedule', 'Name');
    const beat = named('AWS::Lambda::Function', 'FunctionName').get('shop-beat');
    expect(schedules.get('nightly')?.properties).toMatchObject({
      ScheduleExpression: 'cron(30 2 * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Zurich',
    });
    expect(schedules.get('often')?.properties).toMatchObject({ ScheduleExpression: 'cron(* * * * ? *)' });
    for (const [name, { properties }] of schedules) {
      expect(properties).toMatchObject({
        GroupName: 'shop',
        FlexibleTimeWindow: { Mode: 'OFF' },
        Target: { RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 240 } },
      });
      const { Target: target } = properties;
      expect(textOf(target.Arn)).toBe(`<${beat?.logicalId}.Arn>`);
      expect(textOf(target.DeadLetterConfig.Arn)).toMatch(/shop-undelivered$/);
      expect(JSON.parse(target.Input)).toEqual({ schedule: name, scheduledTime: '<aws.scheduler.scheduled-time>' });
    }
  });

  it('watches every queue for dead letters and old messages, and functions for errors and throttles, telling the topic', () => {
    const alarms = all('AWS::CloudWatch::Alarm').map(({ properties }) => properties);
    const metricsOf = (queue: string): string[] =>
      alarms
        .filter(({ Dimensions }) => textOf(Dimensions?.[0]?.Value).startsWith(`<${queue}.`))
        .map(({ MetricName }) => MetricName);
    for (const [name, { logicalId }] of named('AWS::SQS::Queue', 'QueueName')) {
      const isDead = name.endsWith('-dead.fifo') || name === 'shop-undelivered';
      const metric = isDead ? 'ApproximateNumberOfMessagesVisible' : 'ApproximateAgeOfOldestMessage';
      expect([name, metricsOf(logicalId)]).toEqual([name, [metric]]);
    }
    const ofFunctions = alarms
      .filter(({ Namespace }) => Namespace === 'AWS/Lambda')
      .map(({ MetricName }) => MetricName);
    expect(ofFunctions.sort()).toEqual(['Errors', 'Throttles']);
    for (const { AlarmActions } of alarms) expect(textOf(AlarmActions[0])).toMatch(/^<Alarms/);
  });

  it('encrypts whatever holds data, and takes it by TLS only', () => {
    for (const { properties } of all('AWS::SQS::Queue')) expect(properties['SqsManagedSseEnabled']).toBe(true);
    for (const [name, { properties }] of named('AWS::SNS::Topic', 'TopicName')) {
      if (name.endsWith('.fifo')) expect(textOf(properties['KmsMasterKeyId'])).toMatch(/alias\/aws\/sns$/);
    }
    for (const { properties } of all('AWS::DynamoDB::Table')) {
      expect(properties['SSESpecification']).toEqual({ SSEEnabled: true });
      expect(properties['PointInTimeRecoverySpecification']).toEqual({ PointInTimeRecoveryEnabled: true });
    }
    for (const { properties } of all('AWS::S3::Bucket')) {
      const [rule] = properties['BucketEncryption'].ServerSideEncryptionConfiguration;
      expect(rule.ServerSideEncryptionByDefault.SSEAlgorithm).toBe('AES256');
      expect(Object.values(properties['PublicAccessBlockConfiguration'])).toEqual([true, true, true, true]);
    }
    const policies = ['AWS::SQS::QueuePolicy', 'AWS::SNS::TopicPolicy', 'AWS::S3::BucketPolicy'].flatMap(all);
    const secured = policies.filter(({ properties }) =>
      JSON.stringify(properties['PolicyDocument']).includes('"aws:SecureTransport":"false"'),
    );
    const kept = [...all('AWS::SQS::Queue'), ...all('AWS::S3::Bucket')].length + 2; // two exchanges
    expect(secured).toHaveLength(kept);
  });

  it('keeps in prod what holds data', () => {
    for (const type of ['AWS::SQS::Queue', 'AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::Logs::LogGroup']) {
      for (const { deletionPolicy } of all(type)) expect(deletionPolicy).toBe('Retain');
    }
  });

  it('grants no role an action or a resource by `*`: only objects of its bucket and schedules of its group by a pattern', () => {
    const statements = roleStatements([stack]);
    const patterns = new Set(statements.flatMap(({ resources }) => resources).filter((name) => name.includes('*')));
    expect(statements.flatMap(({ actions }) => actions).filter((action) => action.includes('*'))).toEqual([]);
    expect([...patterns].sort()).toEqual([
      'arn:<AWS::Partition>:s3:::shop-payloads-<AWS::AccountId>-<AWS::Region>/*',
      'arn:<AWS::Partition>:scheduler:<AWS::Region>:<AWS::AccountId>:schedule/shop/*',
    ]);
  });

  it('lets a worker take the messages of its own queue only, and pass on the role of the scheduler only', () => {
    const statements = roleStatements([stack]);
    const received = statements.filter(({ actions }) => actions.includes('sqs:ReceiveMessage'));
    expect(received.map(({ resources }) => resources.map((arn) => arn.split(':').at(-1)))).toEqual(
      expect.arrayContaining([['shop-mail.fifo'], ['shop-shop-reports.fifo'], ['shop-delay']]),
    );
    expect(received).toHaveLength(3);
    const passed = statements.filter(({ actions }) => actions.includes('iam:PassRole'));
    for (const { resources } of passed) {
      expect(resources).toEqual(['arn:<AWS::Partition>:iam::<AWS::AccountId>:role/shop-scheduler-<AWS::Region>']);
    }
  });
});
