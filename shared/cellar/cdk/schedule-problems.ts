import type { Topology } from '../topology.ts';
import { scheduleExpression } from './schedule-expression.ts';

/** EventBridge Scheduler's CreateSchedule; one-time schedules of delayed tasks share the group. */
const NAME = /^[0-9a-zA-Z-_.]{1,64}$/;

/** What AWS cannot say of the periodic tasks. */
export function scheduleProblems({ schedules }: Topology): string[] {
  return Object.entries(schedules).flatMap(([name, { schedule }]) => {
    const translation = scheduleExpression(schedule);
    return [
      ...('problem' in translation ? [`schedule '${name}': ${translation.problem}`] : []),
      ...(NAME.test(name) ? [] : [`schedule '${name}': its name, allowed on AWS: 1 to 64 of A-Z a-z 0-9 - _ .`]),
    ];
  });
}
