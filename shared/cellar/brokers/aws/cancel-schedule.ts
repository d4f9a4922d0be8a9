import { AwsCallError, type AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type { PeekedMessage } from '../../broker.ts';
import { decodeEnvelope } from '../../celery/sqs-envelope.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';

export interface ScheduleParts {
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: Runtime;
}

/**
 * Deletes the schedules of a task and answers the message of the last; `undefined` where it has none, because it never
 * had or waits in the delay queue by now.
 */
export async function cancelSchedule(parts: ScheduleParts, taskId: string): Promise<PeekedMessage | undefined> {
  const { calls, location } = parts;
  const GroupName = awsNames.scheduleGroup(location.prefix);
  const NamePrefix = awsNames.scheduleNamePrefix(taskId);
  try {
    let cancelled: PeekedMessage | undefined;
    const { Schedules } = await calls.call('scheduler:ListSchedules', { GroupName, NamePrefix });
    for (const { Name } of Schedules) cancelled = (await cancelOne(parts, { GroupName, Name })) ?? cancelled;
    return cancelled;
  } catch (error) {
    throw new CellarError('broker-unavailable', `schedules of task '${taskId}': ${describeError(error)}`, {
      cause: error,
    });
  }
}

async function cancelOne(
  { calls, runtime }: ScheduleParts,
  schedule: { readonly GroupName: string; readonly Name: string },
): Promise<PeekedMessage | undefined> {
  try {
    const { Target } = await calls.call('scheduler:GetSchedule', schedule);
    await calls.call('scheduler:DeleteSchedule', schedule);
    const { message, carriage } = decodeEnvelope(Target.Input ?? '');
    const { queue = '', messageGroup, dueAtMs } = carriage;
    return {
      queue,
      place: 'delayed',
      message,
      ...(messageGroup === undefined ? undefined : { messageGroup }),
      ...(dueAtMs === undefined ? undefined : { dueAtMs }),
      deliveryCount: 0,
      enqueuedAtMs: runtime.clock.now(),
    };
  } catch (error) {
    // It fired in between: what it sent waits in the delay queue now.
    if (error instanceof AwsCallError && error.awsCode === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
