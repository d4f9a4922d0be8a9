import type { Schedule } from '../schedule.ts';
import { crontabRanges } from './crontab-field.ts';
import { type CrontabSets, crontabSets } from './crontab-sets.ts';

const UNITS = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1_000],
] as const;

/** More clock times than this are named by their minutes and hours instead. */
const MOST_CLOCK_TIMES = 4;

/** A schedule in plain words: `every 30 seconds`, `every day at 06:00 (UTC)`, `at 07:00 on Monday (Europe/Zurich)`. */
export function describeSchedule(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'every':
      return describePeriod(schedule.periodMs);
    case 'at':
      return `once, at ${new Date(schedule.atMs).toISOString().slice(0, 19).replace('T', ' ')} (UTC)`;
    case 'crontab':
      return `${describeCrontab(crontabSets(schedule))} (${schedule.timeZone})`;
  }
}

function describePeriod(periodMs: number): string {
  const [unit, unitMs] = UNITS.find(([, size]) => periodMs % size === 0) ?? ['second', 1_000];
  return periodMs === unitMs ? `every ${unit}` : `every ${periodMs / unitMs} ${unit}s`;
}

function describeCrontab(sets: CrontabSets): string {
  const times = clockTimes(sets);
  const days = dayWords(sets);
  if (times === undefined) return [frequency(sets), ...days].join(' ');
  return days.length === 0 ? `every day at ${listed(times)}` : [`at ${listed(times)}`, ...days].join(' ');
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

function clockTimes({ hours, minutes }: CrontabSets): string[] | undefined {
  if (hours.length * minutes.length > MOST_CLOCK_TIMES) return undefined;
  return hours.flatMap((hour) => minutes.map((minute) => `${twoDigits(hour)}:${twoDigits(minute)}`));
}

function frequency({ hours, minutes }: CrontabSets): string {
  const step = evenStep(minutes, 60);
  const often = step === undefined ? `at minute ${listed(ranges(minutes, String))}` : countOf(step, 'minute');
  if (hours.length === 24) return step === undefined ? `every hour ${often}` : often;
  const hourStep = evenStep(hours, 24);
  if (hourStep !== undefined) return `${often} of ${countOf(hourStep, 'hour')}`;
  return `${often} of hour ${listed(ranges(hours, String))}`;
}

function countOf(count: number, unit: string): string {
  return count === 1 ? `every ${unit}` : `every ${count} ${unit}s`;
}

/** The step of values that go round evenly from 0, such as 0, 15, 30, 45 of 60. */
function evenStep(values: readonly number[], size: number): number | undefined {
  const step = size / values.length;
  return values.length > 1 && values.every((value, index) => value === index * step) ? step : undefined;
}

function dayWords({ daysOfWeek, daysOfMonth, monthsOfYear }: CrontabSets): string[] {
  const weekdays = listed(ranges(daysOfWeek, (day) => nameOf(crontabRanges.dayOfWeek.names, day)));
  const anyWeekday = daysOfWeek.length === 7;
  const anyDay = daysOfMonth.length === 31;
  const words: string[] = [];
  if (!anyDay) words.push(`on day ${listed(ranges(daysOfMonth, String))} of the month`);
  if (!anyWeekday) words.push(anyDay ? `on ${weekdays}` : `if it is ${weekdays}`);
  if (monthsOfYear.length < 12) {
    words.push(`in ${listed(ranges(monthsOfYear, (month) => nameOf(crontabRanges.monthOfYear.names, month - 1)))}`);
  }
  return words;
}

function nameOf(names: readonly string[], place: number): string {
  const name = names[place] ?? '';
  return name.slice(0, 1).toUpperCase() + name.slice(1);
}

/** Ascending values in words, three or more in a row as `first to last`. */
function ranges(values: readonly number[], name: (value: number) => string): string[] {
  const runs: number[][] = [];
  for (const value of values) {
    const run = runs.at(-1);
    if (run !== undefined && run.at(-1) === value - 1) run.push(value);
    else runs.push([value]);
  }
  return runs.flatMap((run) => {
    const [first = 0] = run;
    return run.length < 3 ? run.map(name) : [`${name(first)} to ${name(run.at(-1) ?? first)}`];
  });
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`;
}
