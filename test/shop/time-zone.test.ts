import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { addDays, dayOf, longDateText, slashedDateText, startOfDay } from '../../shared/shop/time-zone.ts';

describe("the shop's days", () => {
  it('begin at local midnight, also where the clock changes', () => {
    expect(startOfDay('2026-01-15').toISOString()).toBe('2026-01-14T23:00:00.000Z');
    expect(startOfDay('2026-07-15').toISOString()).toBe('2026-07-14T22:00:00.000Z');
    expect(startOfDay('2026-03-29').toISOString()).toBe('2026-03-28T23:00:00.000Z');
    expect(startOfDay('2026-03-30').toISOString()).toBe('2026-03-29T22:00:00.000Z');
    expect(startOfDay('2026-10-25').toISOString()).toBe('2026-10-24T22:00:00.000Z');
    expect(startOfDay('2026-10-26').toISOString()).toBe('2026-10-25T23:00:00.000Z');
  });

  it('hold each moment in exactly one day', () => {
    const moments = fc.date({ min: new Date('2020-01-01'), max: new Date('2035-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(moments, (moment) => {
        const day = dayOf(moment);
        expect(startOfDay(day) <= moment && moment < startOfDay(addDays(day, 1))).toBe(true);
      }),
    );
  });

  it('are written as documents want them', () => {
    const late = new Date('2026-12-31T23:30:00Z');
    expect(dayOf(late)).toBe('2027-01-01');
    expect(slashedDateText(late)).toBe('01/01/2027');
    expect(longDateText(late)).toBe('Jan 1, 2027');
    expect(addDays('2026-03-01', -1)).toBe('2026-02-28');
  });
});
