/**
 * Schedules as EventBridge Scheduler says them (its user guide, "Schedule types"). An expression may say more than the
 * rule does, never less: what fires asks `firingsWithin` which tasks are due in its minute.
 */
import { crontabSets } from '../schedule/crontab-sets.ts';
import type { CrontabSchedule, Schedule } from '../schedule.ts';

/** An expression, and the IANA time zone in which it is read. */
export interface ScheduleExpression {
  readonly expression: string;
  readonly timeZone: string;
}

/** The expression, or why there is none. */
export type Translation = ScheduleExpression | { readonly problem: string };

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** The rarest expression that fires at or before, within a minute, each time that the schedule is due. */
export function scheduleExpression(schedule: Schedule): Translation {
  switch (schedule.kind) {
    case 'every':
      return everyExpression(schedule.periodMs);
    case 'at':
      return { expression: `at(${isoSecond(schedule.atMs)})`, timeZone: 'UTC' };
    case 'crontab':
      return { expression: crontabExpression(schedule), timeZone: schedule.timeZone };
  }
}

/** Never early: `at` knows whole seconds. */
function isoSecond(ms: number): string {
  return new Date(Math.ceil(ms / SECOND_MS) * SECOND_MS).toISOString().slice(0, 19);
}

/**
 * Due times are multiples of the period since the epoch, so their minutes of the hour are multiples of what the period
 * and the hour have in common; `rate` would count from when the schedule was made.
 */
function everyExpression(periodMs: number): Translation {
  if (periodMs % SECOND_MS !== 0) {
    return { problem: `the period is ${periodMs} ms, allowed on AWS: whole seconds` };
  }
  const inHour = commonDivisor(periodMs, HOUR_MS);
  const inDay = commonDivisor(periodMs, DAY_MS);
  const minutes = inHour % MINUTE_MS === 0 ? steps(60, inHour / MINUTE_MS) : '*';
  const hours = inDay % HOUR_MS === 0 ? steps(24, inDay / HOUR_MS) : '*';
  return { expression: `cron(${minutes} ${hours} * * ? *)`, timeZone: 'UTC' };
}

function commonDivisor(left: number, right: number): number {
  return right === 0 ? left : commonDivisor(right, left % right);
}

function steps(size: number, step: number): string {
  return fieldText(
    Array.from({ length: Math.ceil(size / step) }, (_, index) => index * step),
    size,
  );
}

/**
 * AWS cannot say both day fields: the rarer one goes into the expression. Its weekdays count from 1, Sunday. Values are
 * listed one by one or as ranges that do not wrap, which every reader of AWS's cron understands alike.
 */
function crontabExpression(schedule: CrontabSchedule): string {
  const { minutes, hours, daysOfMonth, monthsOfYear, daysOfWeek } = crontabSets(schedule);
  const byWeekday = daysOfWeek.length / 7 < daysOfMonth.length / 31;
  const dayOfMonth = byWeekday ? '?' : fieldText(daysOfMonth, 31);
  const dayOfWeek = byWeekday ? fieldText(awsWeekdays(daysOfWeek), 7) : '?';
  const times = `${fieldText(minutes, 60)} ${fieldText(hours, 24)}`;
  return `cron(${times} ${dayOfMonth} ${fieldText(monthsOfYear, 12)} ${dayOfWeek} *)`;
}

function awsWeekdays(daysOfWeek: readonly number[]): readonly number[] {
  return daysOfWeek.map((day) => day + 1);
}

/** Ascending values: `*` for all, else `0-5,7,9`. */
function fieldText(values: readonly number[], size: number): string {
  if (values.length === size) return '*';
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.map((run) => (run.length < 3 ? run.join(',') : `${run[0]}-${run.at(-1)}`)).join(',');
}
