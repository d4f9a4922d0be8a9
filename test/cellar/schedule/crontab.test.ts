import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { crontabRanges, parseCrontabField } from '../../../shared/cellar/schedule/crontab-field.ts';
import { crontabSets } from '../../../shared/cellar/schedule/crontab-sets.ts';
import { at, type CrontabFields, crontab, every } from '../../../shared/cellar/schedule.ts';
import { caught } from '../routing/caught.ts';

interface ParserCase {
  readonly max: number;
  readonly min: number;
  readonly spec: string;
}

interface FieldCase {
  readonly field: 'minute' | 'hour' | 'day_of_week' | 'day_of_month' | 'month_of_year';
  readonly spec: string | number | readonly number[];
}

const vectors: {
  readonly parser: readonly (ParserCase & { readonly expect: readonly number[] })[];
  readonly parser_errors: readonly ParserCase[];
  readonly fields: readonly (FieldCase & { readonly expect: readonly number[] })[];
  readonly field_errors: readonly FieldCase[];
} = JSON.parse(readFileSync(new URL('../../vectors/schedule.json', import.meta.url), 'utf8'));

/** Celery says how many values there are, not which is the last. */
const rangeOf = ({ max, min }: ParserCase) => ({ first: min, last: min + max - 1 });

const names = {
  minute: { option: 'minute', set: 'minutes' },
  hour: { option: 'hour', set: 'hours' },
  day_of_week: { option: 'dayOfWeek', set: 'daysOfWeek' },
  day_of_month: { option: 'dayOfMonth', set: 'daysOfMonth' },
  month_of_year: { option: 'monthOfYear', set: 'monthsOfYear' },
} as const;

function problemsOf(fields: object): readonly string[] {
  const error = caught(() => crontab(fields as CrontabFields));
  expect(error.code).toBe('bad-topology');
  return error.problems;
}

describe('parseCrontabField', () => {
  it.each(vectors.parser)('reads $spec from $min, $max values', (each) => {
    expect(parseCrontabField(each.spec, rangeOf(each))).toEqual({ values: each.expect });
  });

  it('counts the steps of a range that wraps from where it begins', () => {
    expect(parseCrontabField('55-5/3', crontabRanges.minute)).toEqual({ values: [1, 4, 55, 58] });
    expect(parseCrontabField('fri-mon', crontabRanges.dayOfWeek)).toEqual({ values: [0, 1, 5, 6] });
    expect(parseCrontabField('*/5', crontabRanges.dayOfMonth)).toEqual({ values: [1, 6, 11, 16, 21, 26, 31] });
  });

  it('takes names in full or in part, in any case, and spaces around parts', () => {
    expect(parseCrontabField('Sunday, TUES ,sat', crontabRanges.dayOfWeek)).toEqual({ values: [0, 2, 6] });
    expect(parseCrontabField('sept,December', crontabRanges.monthOfYear)).toEqual({ values: [9, 12] });
  });

  it.each(vectors.parser_errors)('refuses "$spec" from $min, $max values', (each) => {
    expect(parseCrontabField(each.spec, rangeOf(each))).toEqual({ problem: expect.stringContaining('allowed:') });
  });

  it.each(['*/0', '*/', '*/x', '1-', '-1', '1-2-3', '1-5/2/2', '1.5', '5/15', 'mon', '1,,2', '*5', '*-5'])(
    'refuses the minute %p',
    (text) => {
      expect(parseCrontabField(text, crontabRanges.minute)).toEqual({ problem: expect.stringContaining('allowed:') });
    },
  );
});

describe('crontab', () => {
  it('is every minute in UTC unless told otherwise, as plain frozen data', () => {
    const schedule = crontab();
    expect(schedule).toEqual({
      kind: 'crontab',
      minute: '*',
      hour: '*',
      dayOfWeek: '*',
      dayOfMonth: '*',
      monthOfYear: '*',
      timeZone: 'UTC',
    });
    expect(Object.isFrozen(schedule)).toBe(true);
  });

  it.each(vectors.fields)('reads $field $spec', ({ field, spec, expect: values }) => {
    expect(crontabSets(crontab({ [names[field].option]: spec }))[names[field].set]).toEqual(values);
  });

  it.each(vectors.field_errors)('refuses $field $spec', ({ field, spec }) => {
    expect(problemsOf({ [names[field].option]: spec })).toEqual([
      expect.stringMatching(`^${names[field].option} '${spec}' has '.*', allowed: `),
    ]);
  });

  it('reports all problems at once, with hints', () => {
    expect(problemsOf({ minute: 60, monthOfYear: 'jaan', day_of_week: 1, timeZone: 'Europe/Zürich' })).toEqual([
      "fields: unknown key 'day_of_week', did you mean 'dayOfWeek', allowed: minute, hour, dayOfWeek, dayOfMonth, monthOfYear, timeZone",
      "minute '60' has '60', allowed: 0 to 59",
      "monthOfYear 'jaan' has 'jaan', did you mean 'jan', allowed: 1 to 12 or jan to dec",
      "timeZone is 'Europe/Zürich', did you mean 'Europe/Zurich', allowed: IANA time zones such as 'UTC' or 'Europe/Zurich'",
    ]);
  });

  it('refuses a day that none of its months has, and takes one that some has', () => {
    const never = expect.stringContaining('never occurs');
    expect(problemsOf({ dayOfMonth: 31, monthOfYear: 'apr,jun' })).toEqual([never]);
    expect(problemsOf({ dayOfMonth: '30-31', monthOfYear: 2 })).toEqual([never]);
    expect(crontab({ dayOfMonth: 29, monthOfYear: 2 }).dayOfMonth).toBe('29');
    expect(crontab({ dayOfMonth: 31, monthOfYear: 'apr,may' }).dayOfMonth).toBe('31');
  });

  it.each(['+01:00', '', 'Mars', 'Europe'])('refuses the time zone %p', (timeZone) => {
    expect(problemsOf({ timeZone })).toEqual([expect.stringContaining(`timeZone is '${timeZone}'`)]);
  });

  it('refuses an empty list', () => {
    expect(problemsOf({ hour: [] })).toEqual(["hour '' has an empty part, allowed: 0 to 23"]);
  });
});

describe('every', () => {
  it.each([
    ['30s', 30_000],
    ['5m', 300_000],
    ['2h', 7_200_000],
    ['1d', 86_400_000],
    [90, 90_000],
    [0.25, 250],
  ])('reads %p', (period, periodMs) => {
    expect(every(period)).toEqual({ kind: 'every', periodMs });
  });

  it.each([0, -1, 0.0001, Number.NaN, Number.POSITIVE_INFINITY, '', '30', '0s', '1.5h', '5 m', '1w', '-5s'])(
    'refuses %p',
    (period) => {
      expect(caught(() => every(period))).toMatchObject({ code: 'bad-topology' });
    },
  );
});

describe('at', () => {
  it('keeps the time as a number', () => {
    expect(at(new Date('2026-11-23T07:00:00Z'))).toEqual({ kind: 'at', atMs: Date.UTC(2026, 10, 23, 7) });
  });

  it('refuses an invalid date', () => {
    expect(caught(() => at(new Date('tomorrow')))).toMatchObject({ code: 'bad-topology' });
  });
});
