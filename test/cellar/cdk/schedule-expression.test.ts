import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { scheduleExpression } from '../../../shared/cellar/cdk/schedule-expression.ts';
import { firingsWithin } from '../../../shared/cellar/schedule/firings-within.ts';
import { nextDue } from '../../../shared/cellar/schedule/next.ts';
import { offsetMs } from '../../../shared/cellar/schedule/time-zone.ts';
import { at, type CrontabFields, crontab, every, type Schedule } from '../../../shared/cellar/schedule.ts';
import { firesAt, parseAwsCron } from './aws-cron.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

function expressionOf(schedule: Schedule): { expression: string; timeZone: string } {
  const translation = scheduleExpression(schedule);
  if ('problem' in translation) throw new Error(translation.problem);
  return translation;
}

/** All due times in [fromMs, toMs) by what AWS fires. */
function firedBetween(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const { expression, timeZone } = expressionOf(schedule);
  const cron = parseAwsCron(expression);
  const due: number[] = [];
  for (let ms = fromMs; ms < toMs; ms += MINUTE_MS) {
    if (firesAt(cron, ms + offsetMs(timeZone, ms))) due.push(...firingsWithin(schedule, ms));
  }
  return due;
}

/** All due times in [fromMs, toMs) by the rule itself. */
function dueBetween(schedule: Schedule, fromMs: number, toMs: number): number[] {
  const due: number[] = [];
  for (let ms = nextDue(schedule, fromMs - 1); ms !== undefined && ms < toMs; ms = nextDue(schedule, ms)) due.push(ms);
  return due;
}

/** Values of a field as Celery's text: one to four of them, a wrapping range, a step, or all. */
function fieldOf(first: number, last: number): fc.Arbitrary<string> {
  const value = fc.integer({ min: first, max: last });
  return fc.oneof(
    fc.constant('*'),
    fc.array(value, { minLength: 1, maxLength: 4 }).map((values) => values.join(',')),
    fc.tuple(value, value).map(([from, to]) => `${from}-${to}`),
    fc.integer({ min: 1, max: last }).map((step) => `*/${step}`),
    fc.tuple(value, value, fc.integer({ min: 1, max: 9 })).map(([from, to, step]) => `${from}-${to}/${step}`),
  );
}

const crontabs = fc.record({
  minute: fieldOf(0, 59),
  hour: fieldOf(0, 23),
  dayOfWeek: fieldOf(0, 6),
  dayOfMonth: fieldOf(1, 28),
  monthOfYear: fieldOf(1, 12),
});

describe('scheduleExpression', () => {
  it('fires each time a crontab is due, and at no other', () => {
    fc.assert(
      fc.property(crontabs, fc.integer({ min: 0, max: 3_000 }), (fields, day) => {
        const schedule = crontab(fields);
        const fromMs = Date.UTC(2024, 0, 1) + day * DAY_MS;
        const toMs = fromMs + 3 * DAY_MS;
        expect(firedBetween(schedule, fromMs, toMs)).toEqual(dueBetween(schedule, fromMs, toMs));
      }),
      { numRuns: 60 },
    );
  });

  it('finds the rare days that both day fields must match', () => {
    const fridayThe13th = crontab({ minute: 0, hour: 7, dayOfMonth: 13, dayOfWeek: 'fri' });
    const fromMs = Date.UTC(2026, 0, 1);
    const days = firedBetween(fridayThe13th, fromMs, fromMs + 365 * DAY_MS).map((ms) => new Date(ms).toISOString());
    expect(days).toEqual(['2026-02-13T07:00:00.000Z', '2026-03-13T07:00:00.000Z', '2026-11-13T07:00:00.000Z']);
  });

  it('fires each time that a period is due, whatever its length', () => {
    const periods = fc.oneof(
      fc.integer({ min: 1, max: 600 }),
      fc.integer({ min: 1, max: 3_000 }).map((minutes) => minutes * 60),
      fc.constantFrom(7 * 60, 90, 5_400, 36 * 3_600, 172_800, 604_800),
    );
    fc.assert(
      fc.property(periods, fc.integer({ min: 20_000, max: 23_000 }), (seconds, day) => {
        const schedule = every(seconds);
        const [fromMs, toMs] = [day * DAY_MS, (day + 2) * DAY_MS];
        expect(firedBetween(schedule, fromMs, toMs)).toEqual(dueBetween(schedule, fromMs, toMs));
      }),
      { numRuns: 40 },
    );
  });

  it.each([
    [every('5m'), 'cron(0,5,10,15,20,25,30,35,40,45,50,55 * * * ? *)'],
    [every('1h'), 'cron(0 * * * ? *)'],
    [every('6h'), 'cron(0 0,6,12,18 * * ? *)'],
    [every('1d'), 'cron(0 0 * * ? *)'],
    [every('2d'), 'cron(0 0 * * ? *)'],
    [every('30s'), 'cron(* * * * ? *)'],
    [crontab({ minute: 0, hour: 7, dayOfWeek: 'mon-fri' }), 'cron(0 7 ? * 2-6 *)'],
    [crontab({ minute: 0, hour: 7, dayOfWeek: 'sat-sun' }), 'cron(0 7 ? * 1,7 *)'],
    [crontab({ minute: '55-5/5', hour: '*/8', dayOfMonth: '1,15' }), 'cron(0,5,55 0,8,16 1,15 * ? *)'],
    [at(new Date('2026-12-24T18:00:00.001Z')), 'at(2026-12-24T18:00:01)'],
  ])('says %j as rarely as AWS can', (schedule, expression) => {
    expect(expressionOf(schedule).expression).toBe(expression);
  });

  it('keeps the time zone, in which AWS reads the clock times', () => {
    const schedule = crontab({ minute: 30, hour: 6, timeZone: 'Europe/Zurich' });
    expect(expressionOf(schedule)).toEqual({ expression: 'cron(30 6 * * ? *)', timeZone: 'Europe/Zurich' });
    const fromMs = Date.UTC(2026, 6, 1);
    expect(firedBetween(schedule, fromMs, fromMs + 3 * DAY_MS)).toEqual(
      dueBetween(schedule, fromMs, fromMs + 3 * DAY_MS),
    );
  });

  it('refuses a period with a part of a second', () => {
    expect(scheduleExpression(every(1.5))).toEqual({
      problem: 'the period is 1500 ms, allowed on AWS: whole seconds',
    });
  });

  it.each(nextVectors())('finds what Celery calls next: %s', (_, fields, lastRunAt, next) => {
    const schedule = crontab(fields);
    const fromMs = Math.floor(lastRunAt / MINUTE_MS + 1) * MINUTE_MS;
    expect(firedBetween(schedule, fromMs, next + MINUTE_MS)).toEqual([next]);
  });
});

interface NextVector {
  readonly name: string;
  readonly spec: Readonly<Record<string, number | string | readonly number[]>>;
  readonly last_run_at: string;
  readonly next: string;
}

function nextVectors(): [string, CrontabFields, number, number][] {
  const text = readFileSync(new URL('../../vectors/schedule.json', import.meta.url), 'utf8');
  const { next: vectors }: { readonly next: readonly NextVector[] } = JSON.parse(text);
  return vectors.map(({ name, spec, last_run_at: lastRunAt, next }) => {
    const fields = {
      minute: spec['minute'] ?? '*',
      hour: spec['hour'] ?? '*',
      dayOfWeek: spec['day_of_week'] ?? '*',
      dayOfMonth: spec['day_of_month'] ?? '*',
      monthOfYear: spec['month_of_year'] ?? '*',
    };
    return [name, fields, Date.parse(`${lastRunAt}Z`), Date.parse(`${next}Z`)];
  });
}
