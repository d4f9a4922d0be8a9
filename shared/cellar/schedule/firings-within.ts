import type { CrontabSchedule, Schedule } from '../schedule.ts';
import { crontabSets } from './crontab-sets.ts';
import { localMidnight } from './local-day.ts';

const MINUTE_MS = 60_000;

/**
 * The due times (ms since the epoch) for which one firing of AWS's scheduler stands, ascending: those of the minute that
 * begins at `minuteMs`, which is the time the firing was scheduled for.
 *
 * A crontab is asked for its days only, because AWS keeps its clock times, its time zone and its summer time.
 */
export function firingsWithin(schedule: Schedule, minuteMs: number): readonly number[] {
  switch (schedule.kind) {
    case 'every':
      return multiplesWithin(schedule.periodMs, minuteMs);
    case 'at':
      return [schedule.atMs];
    case 'crontab':
      return isDueDay(schedule, minuteMs) ? [minuteMs] : [];
  }
}

function multiplesWithin(periodMs: number, minuteMs: number): readonly number[] {
  const due: number[] = [];
  const first = Math.ceil(minuteMs / periodMs) * periodMs;
  for (let dueMs = first; dueMs < minuteMs + MINUTE_MS; dueMs += periodMs) due.push(dueMs);
  return due;
}

function isDueDay(schedule: CrontabSchedule, ms: number): boolean {
  const { daysOfMonth, monthsOfYear, daysOfWeek } = crontabSets(schedule);
  const day = new Date(localMidnight(schedule.timeZone, ms));
  return (
    daysOfMonth.includes(day.getUTCDate()) &&
    monthsOfYear.includes(day.getUTCMonth() + 1) &&
    daysOfWeek.includes(day.getUTCDay())
  );
}
