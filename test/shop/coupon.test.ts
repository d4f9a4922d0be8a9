import { describe, expect, it } from '@jest/globals';
import { type Coupon, findCoupon } from '../../shared/shop/coupon.ts';

const SPRING: Coupon = {
  code: 'SPRING5',
  percent: 5,
  active: true,
  validFrom: new Date('2026-03-01T00:00:00Z'),
  validTo: new Date('2026-03-31T23:59:59Z'),
};
const MARCH = new Date('2026-03-15T12:00:00Z');

describe('findCoupon', () => {
  const rows = [SPRING, { ...SPRING, code: 'ASLEEP', active: false }];
  const find = (typed: string, now: Date) =>
    findCoupon(async (wanted) => rows.find(({ code }) => code === wanted), typed, now);

  it('finds one in any case, from its first moment to its last', async () => {
    for (const moment of [SPRING.validFrom, MARCH, SPRING.validTo]) {
      expect(await find(' spring5 ', moment)).toEqual({ coupon: SPRING });
    }
  });

  it('refuses with a sentence before, after, asleep and unknown', async () => {
    expect(await find('SPRING5', new Date('2026-02-28T23:59:59Z'))).toEqual({
      refused: 'This coupon is not valid yet.',
    });
    expect(await find('SPRING5', new Date('2026-04-01T00:00:00Z'))).toEqual({ refused: 'This coupon has expired.' });
    expect(await find('ASLEEP', MARCH)).toEqual({ refused: 'This coupon is not known.' });
    expect(await find('NOPE', MARCH)).toEqual({ refused: 'This coupon is not known.' });
  });

  it.each(['', '  ', 'a-b', 'É'.repeat(5), 'X'.repeat(5_000)])(
    'asks no store for %p, which no code is',
    async (typed) => {
      const asked: string[] = [];
      const read = async (code: string) => {
        asked.push(code);
        return SPRING;
      };
      expect(await findCoupon(read, typed, MARCH)).toEqual({ refused: 'This coupon is not known.' });
      expect(asked).toEqual([]);
    },
  );
});
