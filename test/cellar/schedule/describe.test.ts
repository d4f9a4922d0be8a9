import { describe, expect, it } from '@jest/globals';
import { describeSchedule } from '../../../shared/cellar/schedule/describe.ts';
import { at, crontab, every } from '../../../shared/cellar/schedule.ts';

describe('describeSchedule', () => {
  it.each([
    [every('30s'), 'every 30 seconds'],
    [every('1m'), 'every minute'],
    [every('90m'), 'every 90 minutes'],
    [every('2d'), 'every 2 days'],
    [every(0.5), 'every 0.5 seconds'],
    [at(new Date('2026-11-23T07:00:00Z')), 'once, at 2026-11-23 07:00:00 (UTC)'],
    [crontab(), 'every minute (UTC)'],
    [crontab({ minute: '*/15' }), 'every 15 minutes (UTC)'],
    [crontab({ minute: 0, hour: 6 }), 'every day at 06:00 (UTC)'],
    [crontab({ minute: 0, hour: [7, 19] }), 'every day at 07:00 and 19:00 (UTC)'],
    [
      crontab({ minute: 0, hour: 7, dayOfWeek: 'mon', timeZone: 'Europe/Zurich' }),
      'at 07:00 on Monday (Europe/Zurich)',
    ],
    [crontab({ minute: 0, hour: 7, dayOfWeek: 'mon-fri' }), 'at 07:00 on Monday to Friday (UTC)'],
    [crontab({ minute: 0, hour: 7, dayOfWeek: '0,6' }), 'at 07:00 on Sunday and Saturday (UTC)'],
    [crontab({ minute: 5, dayOfMonth: 1 }), 'every hour at minute 5 on day 1 of the month (UTC)'],
    [crontab({ minute: '*/10', hour: '9-17' }), 'every 10 minutes of hour 9 to 17 (UTC)'],
    [crontab({ minute: 30, hour: '*/2' }), 'at minute 30 of every 2 hours (UTC)'],
    [
      crontab({ minute: 0, hour: 0, dayOfWeek: 'fri', dayOfMonth: 13, monthOfYear: '1-3,12' }),
      'at 00:00 on day 13 of the month if it is Friday in January to March and December (UTC)',
    ],
  ])('%j', (schedule, words) => {
    expect(describeSchedule(schedule)).toBe(words);
  });
});
