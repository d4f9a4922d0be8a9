/** A schedule of the topology as a schedule of EventBridge Scheduler, which calls beat's function. */
import { CfnSchedule } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { CellarError } from '../errors.ts';
import type { FiringEvent } from '../lambda/beat-handler.ts';
import type { Schedule } from '../schedule.ts';
import { scheduleExpression } from './schedule-expression.ts';

export interface PeriodicTaskProps {
  /** As the topology has it: 1 to 64 of A-Z a-z 0-9 - _ . */
  readonly scheduleName: string;
  readonly schedule: Schedule;
  /** Name of the schedule group. */
  readonly groupName: string;
  /** Of the function that beat is. */
  readonly functionArn: string;
  /** Of the role that may call it. */
  readonly roleArn: string;
  /** Of a standard queue: where a firing goes that could not be handed over. */
  readonly deadLetterQueueArn: string;
}

/** What Scheduler puts in the place of the time it fires for (its guide, "Adding context attributes"). */
const SCHEDULED_TIME = '<aws.scheduler.scheduled-time>';
/** Within SQS's five minutes of deduplication, so that a repeated firing sends nothing twice. */
const RETRIES = { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 240 } as const;

/** @throws CellarError `bad-topology` for a schedule that AWS cannot express */
export class PeriodicTask extends Construct {
  constructor(scope: Construct, id: string, props: PeriodicTaskProps) {
    super(scope, id);
    const { scheduleName, schedule, groupName } = props;
    const translation = scheduleExpression(schedule);
    if ('problem' in translation) {
      throw new CellarError('bad-topology', `schedule '${scheduleName}': ${translation.problem}`);
    }
    new CfnSchedule(this, 'Schedule', {
      name: scheduleName,
      groupName,
      scheduleExpression: translation.expression,
      scheduleExpressionTimezone: translation.timeZone,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: props.functionArn,
        roleArn: props.roleArn,
        input: JSON.stringify({ schedule: scheduleName, scheduledTime: SCHEDULED_TIME } satisfies FiringEvent),
        retryPolicy: RETRIES,
        deadLetterConfig: { arn: props.deadLetterQueueArn },
      },
    });
  }
}
