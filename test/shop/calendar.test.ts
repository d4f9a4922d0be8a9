import { describe, expect, it } from '@jest/globals';
import { isDay, isMoment } from '../../shared/shop/calendar.ts';

describe('isDay', () => {
  it.each(['2026-03-28', '2024-02-29', '0001-01-01'])('takes %p', (text) => expect(isDay(text)).toBe(true));

  it.each([
    '2026-02-29',
    '2026-04-31',
    '2026-00-10',
    '2026-13-01',
    '26-3-1',
    '2026-03-28T00:00:00Z',
    ' 2026-03-28',
    '',
  ])('refuses %p', (text) => expect(isDay(text)).toBe(false));
});

describe('isMoment', () => {
  it.each(['2026-03-01T00:00:00Z', '2026-03-01T23:59:59.25Z', '2024-02-29T12:00:00.250Z'])('takes %p', (text) =>
    expect(isMoment(text)).toBe(true),
  );

  it.each([
    '2026-03-01',
    '2026-03-01T00:00:00',
    '2026-03-01T00:00:00+01:00',
    '2026-02-29T00:00:00Z',
    '2026-03-01T24:00:00Z',
    '2026-03-01T00:60:00Z',
    'today',
  ])('refuses %p', (text) => expect(isMoment(text)).toBe(false));
});
