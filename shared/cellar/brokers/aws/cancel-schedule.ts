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

/** Of a task that was neither retried nor redriven: how the name of its schedule ends. */
const FIRST_ATTEMPT = '0-0';

/**
 * Deletes the schedule of a task that waits for its first run and answers its message; `undefined` where it has none,
 * because it never had or waits in the delay queue by now. It is asked for by its name: IAM cannot limit a list of
 * schedules to a group. The schedule of a later attempt stays, and what it sends is found revoked.
 */
export async function cancelSchedule(parts: ScheduleParts, taskId: string): Promise<PeekedMessage | undefined> {
  const { prefix } = parts.location;
  const Name = `${awsNames.scheduleNamePrefix(taskId)}${FIRST_ATTEMPT}`;
  try {
    return await cancelOne(parts, { GroupName: awsNames.scheduleGroup(prefix), Name });
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
