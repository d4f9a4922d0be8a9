import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimalText, euroText, percentOf } from '../../shared/shop/money.ts';

const cents = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });

describe('percentOf', () => {
  it('rounds half a cent up', () => {
    expect(percentOf(105, 10)).toBe(11);
    expect(percentOf(104, 10)).toBe(10);
    expect(percentOf(47_650, 10)).toBe(4_765);
  });

  it('is exact to the half cent for every amount', () => {
    fc.assert(
      fc.property(cents, fc.integer({ min: 0, max: 100 }), (amount, percent) => {
        const off = BigInt(percentOf(amount, percent)) * 100n - BigInt(amount) * BigInt(percent);
        expect(off > -50n && off <= 50n).toBe(true);
      }),
    );
  });
});

describe('amounts as text', () => {
  it('have two decimals and marks between thousands', () => {
    expect(decimalText(5)).toBe('0.05');
    expect(decimalText(-123_456)).toBe('-1234.56');
    expect(euroText(123_456_789)).toBe('€1,234,567.89');
    expect(euroText(-500)).toBe('-€5.00');
    expect(euroText(0)).toBe('€0.00');
  });

  it('keep every cent', () => {
    fc.assert(
      fc.property(cents, (amount) => {
        expect(Number(decimalText(amount).replace('.', ''))).toBe(amount);
        expect(Number(euroText(amount).replace(/[€,.]/g, ''))).toBe(amount);
      }),
    );
  });
});
