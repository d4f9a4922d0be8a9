import { CellarError, errorOfProblems } from './errors.ts';
import { unknownKeyProblems } from './nearest.ts';
import { scheduleProblems } from './schedule/schedule-problems.ts';

/** A rule that says when a periodic task is due. Plain data, so that it can be read at deploy time; made by `every`, `crontab` and `at`. */
export type Schedule =
  | { readonly kind: 'every'; readonly periodMs: number }
  | {
      readonly kind: 'crontab';
      readonly minute: string;
      readonly hour: string;
      readonly dayOfWeek: string;
      readonly dayOfMonth: string;
      readonly monthOfYear: string;
      readonly timeZone: string;
    }
  | { readonly kind: 'at'; readonly atMs: number };

/** A schedule of the `crontab` kind. */
export type CrontabSchedule = Extract<Schedule, { readonly kind: 'crontab' }>;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['s', 1_000],
  ['m', 60_000],
  ['h', 3_600_000],
  ['d', 86_400_000],
]);

function periodMsOf(period: number | string): number {
  if (typeof period === 'number') return Math.round(period * 1_000);
  const [, count, unit] = /^([0-9]+)([smhd])$/.exec(period) ?? [];
  return Number(count) * (UNIT_MS.get(unit ?? '') ?? Number.NaN);
}

/**
 * Due again and again after a fixed period: `'30s'`, `'5m'`, `'2h'`, `'1d'`, or a number of seconds (at least 0.001).
 *
 * Due times are the multiples of the period since the Unix epoch (UTC), not since the last run as in Celery:
 * two beats agree on them without talking, and a restart moves nothing. So `every('1d')` is due at 00:00 UTC.
 *
 * @throws CellarError `bad-topology`
 */
export function every(period: number | string): Schedule {
  const periodMs = periodMsOf(period);
  if (Number.isSafeInteger(periodMs) && periodMs > 0) return Object.freeze({ kind: 'every', periodMs });
  const allowed =
    "a number of seconds of at least 0.001, or a whole number above 0 with a unit, such as '30s', '5m', '2h', '1d'";
  throw new CellarError('bad-topology', `period of every() is ${JSON.stringify(period)}, allowed: ${allowed}`);
}

/** One field of a crontab: Celery's text (`'*'`, `'mon-fri'`, `'0-30/10,45'`), a number, or a list of either. */
type CrontabField = string | number | readonly (string | number)[];

/** The fields of `crontab`, named as Celery names them. */
export interface CrontabFields {
  /** 0 to 59. @default '*' */
  readonly minute?: CrontabField;
  /** 0 to 23. @default '*' */
  readonly hour?: CrontabField;
  /** 0 (Sunday) to 6 (Saturday), or names; 7 is a fault, as in Celery. @default '*' */
  readonly dayOfWeek?: CrontabField;
  /** 1 to 31. @default '*' */
  readonly dayOfMonth?: CrontabField;
  /** 1 to 12, or names. @default '*' */
  readonly monthOfYear?: CrontabField;
  /** IANA time zone in which the fields are read. @default 'UTC' */
  readonly timeZone?: string;
}

const FIELDS = ['minute', 'hour', 'dayOfWeek', 'dayOfMonth', 'monthOfYear', 'timeZone'];

function textOf(field: CrontabField = '*'): string {
  return typeof field === 'string' || typeof field === 'number' ? String(field) : field.join(',');
}

/**
 * Due at each minute whose local time matches all fields: Celery's crontab (celery/schedules.py).
 *
 * Day of week and day of month must both match, unlike Unix cron. Steps count from the field's smallest value,
 * or from the start of their range; ranges wrap. For summer time see `nextDue`.
 *
 * @throws CellarError `bad-topology` with all problems, among them a day that no month has (31 April)
 */
export function crontab(fields: CrontabFields = {}): CrontabSchedule {
  const schedule: CrontabSchedule = {
    kind: 'crontab',
    minute: textOf(fields.minute),
    hour: textOf(fields.hour),
    dayOfWeek: textOf(fields.dayOfWeek),
    dayOfMonth: textOf(fields.dayOfMonth),
    monthOfYear: textOf(fields.monthOfYear),
    timeZone: fields.timeZone ?? 'UTC',
  };
  const problems = [...unknownKeyProblems('fields', fields, FIELDS), ...scheduleProblems(schedule)];
  if (problems.length > 0) throw errorOfProblems('bad-topology', 'bad crontab', problems);
  return Object.freeze(schedule);
}

/**
 * Due once, at that time.
 *
 * @throws CellarError `bad-topology` where `date` is no valid date
 */
export function at(date: Date): Schedule {
  const atMs = date.getTime();
  if (Number.isNaN(atMs)) throw new CellarError('bad-topology', 'date of at() is invalid, allowed: a valid Date');
  return Object.freeze({ kind: 'at', atMs });
}
