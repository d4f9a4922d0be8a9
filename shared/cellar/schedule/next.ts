import type { CrontabSchedule, Schedule } from '../schedule.ts';
import { type CrontabSets, crontabSets } from './crontab-sets.ts';
import { type LocalDay, localDay, localMidnight } from './local-day.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;
const MINUTES_OF_DAY = 1_440;

/** 29 February on one weekday comes again after 40 years at most. */
const LONGEST_SEARCH_DAYS = 41 * 366;

/**
 * The first due time strictly after `afterMs` (ms since the epoch); `undefined` when there is none any more.
 *
 * Pure. Where clocks change, a crontab follows these rules:
 * - A local time that is skipped in spring is due at the first instant after the gap; several of one gap, once.
 * - A local time that occurs twice in autumn is due at its first occurrence only.
 * - A crontab for every hour of the day (`*`, `0-23`) means elapsed time: it is due whenever the local time
 *   matches, in both occurrences of the hour in autumn and not at all in the gap, so that it neither
 *   pauses nor doubles.
 */
export function nextDue(schedule: Schedule, afterMs: number): number | undefined {
  switch (schedule.kind) {
    case 'every':
      return (Math.floor(afterMs / schedule.periodMs) + 1) * schedule.periodMs;
    case 'at':
      return schedule.atMs > afterMs ? schedule.atMs : undefined;
    case 'crontab':
      return nextOfCrontab(schedule, afterMs);
  }
}

function nextOfCrontab(schedule: CrontabSchedule, afterMs: number): number | undefined {
  const sets = crontabSets(schedule);
  const today = localMidnight(schedule.timeZone, afterMs);
  for (let days = 0; days < LONGEST_SEARCH_DAYS; days += 1) {
    const midnight = today + days * DAY_MS;
    if (!dayMatches(sets, midnight)) continue;
    const due = nextOfDay(sets, { day: localDay(schedule.timeZone, midnight), midnight, afterMs });
    if (due !== undefined) return due;
  }
  return undefined;
}

function dayMatches({ daysOfWeek, daysOfMonth, monthsOfYear }: CrontabSets, midnight: number): boolean {
  const date = new Date(midnight);
  return (
    daysOfMonth.includes(date.getUTCDate()) &&
    monthsOfYear.includes(date.getUTCMonth() + 1) &&
    daysOfWeek.includes(date.getUTCDay())
  );
}

interface DaySearch {
  readonly day: LocalDay;
  /** Local midnight of the day; minutes below count from it. */
  readonly midnight: number;
  readonly afterMs: number;
}

function nextOfDay(sets: CrontabSets, { day, midnight, afterMs }: DaySearch): number | undefined {
  const everyHour = sets.hours.length === 24;
  /** Local minutes before this one have had their turn. */
  let covered = 0;
  for (const { fromMs, toMs, offsetMs } of day.stretches) {
    const minuteOf = (ms: number): number => Math.ceil((ms + offsetMs - midnight) / MINUTE_MS);
    if (everyHour) covered = minuteOf(fromMs);
    if (fromMs > afterMs && minuteBetween(sets, covered, minuteOf(fromMs)) !== undefined) return fromMs;
    const start = Math.max(covered, minuteOf(fromMs), minuteOf(afterMs + 1));
    const minute = minuteBetween(sets, start, minuteOf(toMs));
    if (minute !== undefined) return midnight + minute * MINUTE_MS - offsetMs;
    covered = Math.max(covered, minuteOf(toMs));
  }
  const skipsEnd = !everyHour && day.endMs > afterMs && minuteBetween(sets, covered, MINUTES_OF_DAY) !== undefined;
  return skipsEnd ? day.endMs : undefined;
}

/** The first minute of the day from `start` on, before `end`, that the hours and minutes match. */
function minuteBetween({ hours, minutes }: CrontabSets, start: number, end: number): number | undefined {
  for (const hour of hours) {
    if (hour * 60 + 59 < start) continue;
    const minute = minutes.find((candidate) => hour * 60 + candidate >= start);
    if (minute !== undefined) return hour * 60 + minute < end ? hour * 60 + minute : undefined;
  }
  return undefined;
}
