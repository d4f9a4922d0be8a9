import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { crontabSets } from '../../../shared/cellar/schedule/crontab-sets.ts';
import { nextDue } from '../../../shared/cellar/schedule/next.ts';
import { offsetMs } from '../../../shared/cellar/schedule/time-zone.ts';
import {
  at,
  type CrontabFields,
  type CrontabSchedule,
  crontab,
  every,
  type Schedule,
} from '../../../shared/cellar/schedule.ts';

interface CelerySpec {
  readonly minute?: number | readonly number[];
  readonly hour?: number | readonly number[];
  readonly day_of_week?: string;
  readonly day_of_month?: number | string;
  readonly month_of_year?: number | string;
}

const vectors: {
  readonly next: readonly { name: string; spec: CelerySpec; last_run_at: string; next: string }[];
  readonly timezone_cases: readonly { tz: string; spec: CelerySpec; last_run_at: string; now: string; next: string }[];
} = JSON.parse(readFileSync(new URL('../../vectors/schedule.json', import.meta.url), 'utf8'));

function crontabOf(spec: CelerySpec, timeZone: string): CrontabSchedule {
  const fields: CrontabFields = {
    minute: spec.minute ?? '*',
    hour: spec.hour ?? '*',
    dayOfWeek: spec.day_of_week ?? '*',
    dayOfMonth: spec.day_of_month ?? '*',
    monthOfYear: spec.month_of_year ?? '*',
    timeZone,
  };
  return crontab(fields);
}

const iso = (ms: number | undefined): string => (ms === undefined ? 'never' : new Date(ms).toISOString().slice(0, 16));

/** The next due times after a time in UTC, to the minute. */
function dueTimes(schedule: Schedule, after: string, count: number): string[] {
  let last: number | undefined = Date.parse(`${after}Z`);
  return Array.from({ length: count }, () => {
    last = last === undefined ? undefined : nextDue(schedule, last);
    return iso(last);
  });
}

/** `2017-10-28T09:00 local` and `2017-10-29T09:00+01:00` as instants. */
function instant(text: string, timeZone: string): number {
  const [time = ''] = text.split(' ');
  if (/[+]\d\d:\d\d$/.test(time)) return Date.parse(time);
  const wall = Date.parse(`${time}Z`);
  return wall - offsetMs(timeZone, wall);
}

describe('nextDue of every', () => {
  it('is the next multiple of the period since the epoch, strictly after', () => {
    expect(nextDue(every('30s'), 0)).toBe(30_000);
    expect(nextDue(every('30s'), 29_999)).toBe(30_000);
    expect(nextDue(every('30s'), 30_000)).toBe(60_000);
    expect(dueTimes(every('1d'), '2026-11-23T20:16', 2)).toEqual(['2026-11-24T00:00', '2026-11-25T00:00']);
  });
});

describe('nextDue of at', () => {
  it('is due once', () => {
    const schedule = at(new Date(5_000));
    expect([nextDue(schedule, 4_999), nextDue(schedule, 5_000)]).toEqual([5_000, undefined]);
  });
});

describe('nextDue of crontab', () => {
  it.each(vectors.next)('says what Celery says: $name', ({ spec, last_run_at: last, next }) => {
    expect(nextDue(crontabOf(spec, 'UTC'), Date.parse(`${last}Z`))).toBe(Date.parse(`${next}Z`));
  });

  it.each(vectors.timezone_cases)('says what Celery says in $tz after $last_run_at', ({ tz, spec, ...times }) => {
    const due = nextDue(crontabOf(spec, tz), instant(times.last_run_at, tz));
    expect(iso(due)).toBe(iso(instant(times.next, tz)));
    expect(due).toBeGreaterThanOrEqual(instant(times.now, tz));
  });

  it('is strictly after, to the millisecond', () => {
    const noon = Date.UTC(2026, 10, 23, 12);
    const schedule = crontab({ minute: 0, hour: 12 });
    expect(nextDue(schedule, noon - 1)).toBe(noon);
    expect(nextDue(schedule, noon)).toBe(noon + 86_400_000);
  });

  it('wants the day of the week and the day of the month both', () => {
    expect(dueTimes(crontab({ minute: 0, hour: 0, dayOfWeek: 'fri', dayOfMonth: 13 }), '2026-01-01T00:00', 3)).toEqual([
      '2026-02-13T00:00',
      '2026-03-13T00:00',
      '2026-11-13T00:00',
    ]);
  });

  it('finds 29 February on a Monday, across the year 2100 too', () => {
    const schedule = crontab({ minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2, dayOfWeek: 1 });
    expect(dueTimes(schedule, '2026-01-01T00:00', 3)).toEqual([
      '2044-02-29T00:00',
      '2072-02-29T00:00',
      '2112-02-29T00:00',
    ]);
  });

  it('looks years ahead without trying each minute', () => {
    const fields = { minute: 0, hour: 0, dayOfMonth: 29, monthOfYear: 2, dayOfWeek: 1, timeZone: 'Europe/Zurich' };
    const schedule = crontab(fields);
    const start = performance.now();
    for (let call = 0; call < 10; call += 1) nextDue(schedule, Date.UTC(2072, 2, 1, call));
    // 40 years are 21 million minutes. The bound is for a busy machine.
    expect((performance.now() - start) / 10).toBeLessThan(100);
  });
});

describe('nextDue where clocks change', () => {
  it('moves a time in the spring gap to the first instant after it, once', () => {
    const zurich = crontab({ minute: [10, 30], hour: 2, timeZone: 'Europe/Zurich' });
    expect(dueTimes(zurich, '2026-03-28T02:00', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-30T00:10',
      '2026-03-30T00:30',
    ]);
    const midnight = crontab({ minute: 0, hour: 0, timeZone: 'America/Sao_Paulo' });
    expect(dueTimes(midnight, '2018-11-03T04:00', 2)).toEqual(['2018-11-04T03:00', '2018-11-05T02:00']);
  });

  it('does not fire twice where the gap ends at a time that is due itself', () => {
    const zurich = crontab({ minute: '*/30', hour: '2-3', timeZone: 'Europe/Zurich' });
    expect(dueTimes(zurich, '2026-03-29T00:00', 3)).toEqual([
      '2026-03-29T01:00',
      '2026-03-29T01:30',
      '2026-03-30T00:00',
    ]);
  });

  it('takes the first of two equal local times in autumn', () => {
    const zurich = crontab({ minute: 30, hour: '2-3', timeZone: 'Europe/Zurich' });
    expect(dueTimes(zurich, '2026-10-24T22:00', 3)).toEqual([
      '2026-10-25T00:30',
      '2026-10-25T02:30',
      '2026-10-26T01:30',
    ]);
    const havana = crontab({ minute: 0, hour: 0, timeZone: 'America/Havana' });
    expect(dueTimes(havana, '2026-10-31T12:00', 2)).toEqual(['2026-11-01T04:00', '2026-11-02T05:00']);
  });

  it('keeps the distance of a crontab for every hour', () => {
    const halfHours = crontab({ minute: '*/30', timeZone: 'Europe/Zurich' });
    for (const [start, count] of [
      ['2026-03-28T22:00', 12],
      ['2026-10-24T22:00', 12],
    ] as const) {
      const from = Date.parse(`${start}Z`);
      const expected = Array.from({ length: count }, (_, index) => iso(from + (index + 1) * 1_800_000));
      expect(dueTimes(halfHours, start, count)).toEqual(expected);
    }
    expect(dueTimes(crontab({ minute: 15, timeZone: 'Europe/Zurich' }), '2026-10-24T23:20', 3)).toEqual([
      '2026-10-25T00:15',
      '2026-10-25T01:15',
      '2026-10-25T02:15',
    ]);
  });

  it('follows a zone that changes by half an hour', () => {
    const lordHowe = crontab({ minute: 15, hour: 2, timeZone: 'Australia/Lord_Howe' });
    expect(dueTimes(lordHowe, '2026-10-03T00:00', 2)).toEqual(['2026-10-03T15:30', '2026-10-04T15:15']);
  });

  it('moves a time of a date that a zone left out to the start of the next', () => {
    const apia = crontab({ minute: 0, hour: 9, timeZone: 'Pacific/Apia' });
    expect(dueTimes(apia, '2011-12-29T00:00', 3)).toEqual(['2011-12-29T19:00', '2011-12-30T10:00', '2011-12-30T19:00']);
  });

  it('says what a look at each minute says, in any zone', () => {
    const zone = fc.constantFrom(
      'UTC',
      'Europe/Zurich',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kolkata',
      'America/Havana',
    );
    const field = (values: readonly string[]) => fc.constantFrom('*', ...values);
    const schedules = fc.record({
      minute: field(['0', '*/20', '45-15/10']),
      hour: field(['0', '2', '1-3', '*/6', '23']),
      dayOfWeek: field(['sun', 'sat,sun', '1-5']),
      timeZone: zone,
    });
    // Around the changes of 2026 in these zones.
    const start = fc.constantFrom('2026-03-07', '2026-03-28', '2026-04-04', '2026-10-03', '2026-10-24', '2026-10-31');
    fc.assert(
      fc.property(schedules, start, fc.integer({ min: 0, max: 2_880 }), (fields, day, minutes) => {
        const after = Date.parse(`${day}T00:00Z`) + minutes * 60_000;
        const schedule = crontab(fields);
        expect(iso(nextDue(schedule, after))).toBe(iso(scan(schedule, after)));
      }),
      { numRuns: 150 },
    );
  });
});

/** The rules of `nextDue`, minute by minute: local times seen so far tell which are skipped and which repeat. */
function scan(schedule: CrontabSchedule, afterMs: number): number {
  const { minutes, hours, daysOfWeek } = crontabSets(schedule);
  const matches = (wall: number): boolean => {
    const date = new Date(wall);
    return (
      minutes.includes(date.getUTCMinutes()) &&
      hours.includes(date.getUTCHours()) &&
      daysOfWeek.includes(date.getUTCDay())
    );
  };
  const wallOf = (ms: number): number => ms + offsetMs(schedule.timeZone, ms);
  const startMs = afterMs - 3 * 3_600_000;
  let latest = wallOf(startMs);
  for (let ms = startMs + 60_000; ; ms += 60_000) {
    const wall = wallOf(ms);
    const fresh: number[] = [];
    if (hours.length === 24) fresh.push(wall);
    else for (let each = latest + 60_000; each <= wall; each += 60_000) fresh.push(each);
    latest = Math.max(latest, wall);
    if (ms > afterMs && fresh.some(matches)) return ms;
  }
}
