import { errorOfProblems } from '../errors.ts';
import type { CrontabSchedule } from '../schedule.ts';
import { crontabRanges, parseCrontabField } from './crontab-field.ts';

/** The values that a crontab's fields stand for, each in ascending order. */
export interface CrontabSets {
  readonly minutes: readonly number[];
  readonly hours: readonly number[];
  /** 0 = Sunday. */
  readonly daysOfWeek: readonly number[];
  readonly daysOfMonth: readonly number[];
  readonly monthsOfYear: readonly number[];
}

/** Reads all fields; `sets` is absent where a field has a problem. */
export function crontabFields(schedule: CrontabSchedule): { sets: CrontabSets | undefined; problems: string[] } {
  const problems: string[] = [];
  const read = (field: keyof typeof crontabRanges): readonly number[] => {
    const parsed = parseCrontabField(schedule[field], crontabRanges[field]);
    if ('values' in parsed) return parsed.values;
    problems.push(`${field} '${schedule[field]}' ${parsed.problem}`);
    return [];
  };
  const sets = {
    minutes: read('minute'),
    hours: read('hour'),
    daysOfWeek: read('dayOfWeek'),
    daysOfMonth: read('dayOfMonth'),
    monthsOfYear: read('monthOfYear'),
  };
  return { sets: problems.length === 0 ? sets : undefined, problems };
}

const known = new WeakMap<CrontabSchedule, CrontabSets>();

/**
 * The values of a crontab's fields; read once for each schedule.
 *
 * @throws CellarError `bad-topology` where the schedule was not made by `crontab` and has a bad field
 */
export function crontabSets(schedule: CrontabSchedule): CrontabSets {
  const read = known.get(schedule);
  if (read !== undefined) return read;
  const { sets, problems } = crontabFields(schedule);
  if (sets === undefined) throw errorOfProblems('bad-topology', 'bad crontab', problems);
  known.set(schedule, sets);
  return sets;
}
