import { unknownKeyProblems } from '../nearest.ts';
import { undeclared } from '../routing/name-problems.ts';
import type { ScheduleDeclaration, TopologyDeclaration } from '../topology.ts';
import { scheduleProblems } from './schedule-problems.ts';

const KEYS = ['schedule', 'task', 'queue'];

/** What is wrong with the periodic tasks of a topology: their schedules, their signatures and their queues. */
export function periodicTaskProblems(
  schedules: Readonly<Record<string, ScheduleDeclaration>>,
  queues: TopologyDeclaration['queues'],
): string[] {
  return Object.entries(schedules).flatMap(([name, declared]) => {
    const problems = [...ruleProblems(declared), ...taskProblems(declared, queues)];
    const subject = `schedule '${name}'`;
    return [
      ...(name === '' ? ["bad schedule name '', allowed: any other text"] : []),
      ...unknownKeyProblems(subject, declared, KEYS),
      ...problems.map((problem) => `${subject}: ${problem}`),
    ];
  });
}

function isObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function ruleProblems({ schedule }: ScheduleDeclaration): string[] {
  if (isObject(schedule)) return scheduleProblems(schedule);
  return [`schedule is ${JSON.stringify(schedule)}, allowed: what every(), crontab() and at() return`];
}

function taskProblems({ task, queue }: ScheduleDeclaration, queues: TopologyDeclaration['queues']): string[] {
  if (!isObject(task) || !isObject(task.options)) return [`task is ${JSON.stringify(task)}, allowed: a signature`];
  const unknown = undeclared('queue', queue ?? task.options.queue, queues);
  const incomplete = task.complete ? [] : [`task '${task.task}' lacks arguments, allowed: a complete signature`];
  return unknown === undefined ? incomplete : [...incomplete, unknown];
}
