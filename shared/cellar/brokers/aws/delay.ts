/** Where a message waits for its time: up to 15 minutes in the delay queue, longer in a one-time schedule. */
import type { AwsOperations } from '../../aws/calls.ts';
import { type AwsLocation, awsNames, queueArn, roleArn } from '../../aws/location.ts';
import type { WireMessage } from '../../broker.ts';
import { MAX_QUEUE_DELAY_SECONDS } from './limits.ts';

/** How long before its due time a schedule fires, at least: it is minute-precise and may be tried again. */
const EARLY_SECONDS = 300;
/** Further seconds early, spread by task: what is due at one moment is not invoked at one moment. */
const SPREAD_SECONDS = 300;
/** What Scheduler could not deliver within an hour goes to the queue of what was not delivered. */
const RETRIES = { MaximumRetryAttempts: 20, MaximumEventAgeInSeconds: 3_600 } as const;

/** Whole seconds for SQS, rounded up: a message never comes before its time. */
export function queueDelaySeconds(dueAtMs: number, nowMs: number): number {
  return Math.min(MAX_QUEUE_DELAY_SECONDS, Math.max(0, Math.ceil((dueAtMs - nowMs) / 1000)));
}

type CreateSchedule = AwsOperations['scheduler:CreateSchedule']['input'];

/**
 * The schedule that sends `text` to the delay queue 5 to 10 minutes before it is due. One attempt of a task has one
 * name, so that a second send of it conflicts instead of firing twice.
 */
export function delaySchedule(
  location: AwsLocation,
  message: WireMessage,
  { text, dueAtMs }: { readonly text: string; readonly dueAtMs: number },
): CreateSchedule {
  const { prefix } = location;
  const namePrefix = awsNames.scheduleNamePrefix(message.correlationId);
  const earlySeconds = EARLY_SECONDS + (Number.parseInt(namePrefix.slice(0, 6), 16) % SPREAD_SECONDS);
  return {
    Name: `${namePrefix}${attemptOf(message)}`,
    GroupName: awsNames.scheduleGroup(prefix),
    ScheduleExpression: `at(${new Date(dueAtMs - earlySeconds * 1000).toISOString().slice(0, 19)})`,
    FlexibleTimeWindow: { Mode: 'OFF' },
    ActionAfterCompletion: 'DELETE',
    Target: {
      Arn: queueArn(location, awsNames.delayQueue(prefix)),
      RoleArn: roleArn(location, awsNames.schedulerRole(location)),
      Input: text,
      RetryPolicy: RETRIES,
      DeadLetterConfig: { Arn: queueArn(location, awsNames.undeliveredQueue(prefix)) },
    },
  };
}

function attemptOf({ headers }: WireMessage): string {
  const part = (value: unknown): number => (Number.isSafeInteger(value) ? Number(value) : 0);
  return `${part(headers.retries)}-${part(headers['x-cellar-generation'])}`;
}
