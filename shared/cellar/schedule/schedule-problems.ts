import { didYouMean } from '../nearest.ts';
import type { CrontabSchedule, Schedule } from '../schedule.ts';
import { type CrontabSets, crontabFields } from './crontab-sets.ts';
import { timeZoneProblem } from './time-zone.ts';

const KINDS = ['every', 'crontab', 'at'];

/** What is wrong with a schedule, however it was made; nothing for what `every`, `crontab` and `at` return. */
export function scheduleProblems(schedule: Schedule): string[] {
  switch (schedule.kind) {
    case 'every': {
      const good = Number.isSafeInteger(schedule.periodMs) && schedule.periodMs > 0;
      return good ? [] : [`periodMs is ${String(schedule.periodMs)}, allowed: a whole number above 0`];
    }
    case 'at':
      return Number.isFinite(schedule.atMs)
        ? []
        : [`atMs is ${String(schedule.atMs)}, allowed: milliseconds since the epoch`];
    case 'crontab':
      return crontabProblems(schedule);
    default:
      return [unknownKind(schedule)];
  }
}

function unknownKind(schedule: { readonly kind?: unknown }): string {
  const kind = String(schedule.kind);
  return `unknown kind of schedule '${kind}'${didYouMean(kind, KINDS)}, allowed: ${KINDS.join(', ')}`;
}

function crontabProblems(schedule: CrontabSchedule): string[] {
  const { sets, problems } = crontabFields(schedule);
  const zoneProblem = timeZoneProblem(schedule.timeZone);
  return [
    ...problems,
    ...(zoneProblem === undefined ? [] : [`timeZone ${zoneProblem}`]),
    ...(sets === undefined || occurs(sets) ? [] : [neverDue(schedule)]),
  ];
}

/** Days of each month in a leap year. */
const LONGEST = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** A day that some chosen month has also falls on every day of the week, within 40 years. */
function occurs({ daysOfMonth, monthsOfYear }: CrontabSets): boolean {
  const smallest = daysOfMonth[0] ?? 0;
  return monthsOfYear.some((month) => smallest <= (LONGEST[month - 1] ?? 0));
}

function neverDue({ dayOfMonth, monthOfYear }: CrontabSchedule): string {
  return `dayOfMonth '${dayOfMonth}' never occurs in monthOfYear '${monthOfYear}', allowed: a day that one of the months has`;
}
