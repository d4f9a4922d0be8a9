import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { orderNumber, totalsOf } from '../../shared/shop/order.ts';
import { sampleLines } from './sample-order.ts';

describe('totalsOf', () => {
  it('takes the coupon off the whole order', () => {
    const totals = totalsOf({ lines: sampleLines(4), coupon: { code: 'WELCOME10', percent: 10 } });
    expect(totals).toEqual({ subtotalCents: 47_650, discountCents: 4_765, totalCents: 42_885 });
  });

  it('has no discount without a coupon', () => {
    expect(totalsOf({ lines: sampleLines(1), coupon: undefined })).toEqual({
      subtotalCents: 3_450,
      discountCents: 0,
      totalCents: 3_450,
    });
  });

  it('is subtotal less discount, both whole cents from 0 to the subtotal', () => {
    const line = fc.record({
      wineId: fc.string(),
      title: fc.string(),
      priceCents: fc.integer({ min: 1, max: 1_000_000 }),
      quantity: fc.integer({ min: 1, max: 120 }),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 50 }), fc.integer({ min: 1, max: 100 }), (lines, percent) => {
        const { subtotalCents, discountCents, totalCents } = totalsOf({ lines, coupon: { code: 'X', percent } });
        expect(totalCents).toBe(subtotalCents - discountCents);
        expect(Number.isSafeInteger(discountCents) && discountCents >= 0 && totalCents >= 0).toBe(true);
      }),
    );
  });
});

describe('orderNumber', () => {
  it('is the year and the id', () => {
    expect(orderNumber({ id: 42, placedAt: new Date('2026-03-28T10:00:00Z') })).toBe('2026-000042');
    expect(orderNumber({ id: 1_234_567, placedAt: new Date('2027-01-01T00:00:00Z') })).toBe('2027-1234567');
  });
});
