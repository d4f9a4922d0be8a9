import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { Duration, Stack } from 'aws-cdk-lib';
import { at, CellarError, task, topology, worker } from 'cellar';
import { AppWorkers, DelayQueue, PeriodicTask, TaskQueue } from 'cellar/cdk';
import { planApplication } from '../../../shared/cellar/cdk/application.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { appWithoutBundles, resourcesOf } from './templates.ts';

const newStack = () => new Stack(appWithoutBundles(), 'Test');

describe('AppWorkers', () => {
  it('calls the worker of a queue in strict order one at a time, and makes no beat without schedules', () => {
    const contract = task('tests.work', { params: {}, queue: 'work', timeLimitSeconds: 30 });
    const works = worker({ queue: 'work', concurrency: 1 });
    const application = planApplication({
      appModule: fileURLToPath(new URL('./fixture/app.ts', import.meta.url)),
      prefix: 'shop',
      topology: topology({ queues: { work: {} } }),
      registry: registryOf([{ handler: works.handle(contract, () => 1), source: 'work.ts' }]),
      files: new Map(),
      workers: { work: { strictOrder: true, memorySize: 1_024 } },
    });
    const stack = newStack();
    new AppWorkers(stack, 'Workers', { application });
    const [lambda, ...others] = resourcesOf([stack], 'AWS::Lambda::Function').map(({ properties }) => properties);
    expect(lambda).toMatchObject({ ReservedConcurrentExecutions: 1, MemorySize: 1_024, Timeout: 305 });
    expect(others.map(({ FunctionName }) => FunctionName)).toEqual(['shop-forwarder']);
    const sources = resourcesOf([stack], 'AWS::Lambda::EventSourceMapping').map(({ properties }) => properties);
    expect(sources.map(({ ScalingConfig }) => ScalingConfig)).toEqual([undefined, undefined]);
  });
});

describe('DelayQueue', () => {
  it('has a role that only schedules of its own group may take on, and that may send to its two queues only', () => {
    const stack = newStack();
    new DelayQueue(stack, 'Delays', { prefix: 'shop' });
    const [role] = resourcesOf([stack], 'AWS::IAM::Role');
    const [trust] = role?.properties['AssumeRolePolicyDocument'].Statement ?? [];
    expect(JSON.stringify(trust.Condition)).toContain(':schedule-group/shop');
    expect(trust.Principal).toEqual({ Service: 'scheduler.amazonaws.com' });
  });

  it('can do without long delays', () => {
    const stack = newStack();
    new DelayQueue(stack, 'Delays', { prefix: 'shop', scheduleGroup: false, schedulerRole: false });
    expect(resourcesOf([stack], 'AWS::Scheduler::ScheduleGroup')).toEqual([]);
    expect(resourcesOf([stack], 'AWS::IAM::Role')).toEqual([]);
    expect(resourcesOf([stack], 'AWS::SQS::Queue')).toHaveLength(2);
  });
});

describe('TaskQueue', () => {
  it('does not alarm of a message whose worker died once', () => {
    const stack = newStack();
    const names = { queueName: 'mail.fifo', deadLetterQueueName: 'mail-dead.fifo' };
    new TaskQueue(stack, 'Mail', { ...names, visibilityTimeout: Duration.hours(1) });
    const alarms = resourcesOf([stack], 'AWS::CloudWatch::Alarm').map(({ properties }) => properties);
    expect(alarms.find(({ MetricName }) => MetricName === 'ApproximateAgeOfOldestMessage')?.['Threshold']).toBe(7_200);
  });
});

describe('PeriodicTask', () => {
  const props = {
    groupName: 'shop',
    functionArn: 'arn:aws:lambda:eu-central-1:000000000000:function:beat',
    roleArn: 'arn:aws:iam::000000000000:role/scheduler',
    deadLetterQueueArn: 'arn:aws:sqs:eu-central-1:000000000000:undelivered',
  };

  it('fires once for a time', () => {
    const stack = newStack();
    new PeriodicTask(stack, 'Once', { ...props, scheduleName: 'once', schedule: at(new Date('2030-01-01T00:00:00Z')) });
    const [schedule] = resourcesOf([stack], 'AWS::Scheduler::Schedule');
    expect(schedule?.properties).toMatchObject({ ScheduleExpression: 'at(2030-01-01T00:00:00)' });
  });

  it('refuses what AWS cannot express', () => {
    const schedule = { kind: 'every', periodMs: 250 } as const;
    expect(() => new PeriodicTask(newStack(), 'Fast', { ...props, scheduleName: 'fast', schedule })).toThrow(
      new CellarError('bad-topology', "schedule 'fast': the period is 250 ms, allowed on AWS: whole seconds"),
    );
  });
});
