import { describe, expect, it } from '@jest/globals';
import { openCatalogue } from '../../shared/shop/catalogue.ts';
import { openCoupons } from '../../shared/shop/coupon.ts';
import { WINE_COLOURS } from '../../shared/shop/wine.ts';

describe('the catalogue', () => {
  const catalogue = openCatalogue();

  it('has at least 24 wines of every colour, each under its own id', () => {
    expect(catalogue.wines.length).toBeGreaterThanOrEqual(24);
    expect(new Set(catalogue.wines.map(({ id }) => id)).size).toBe(catalogue.wines.length);
    expect(new Set(catalogue.wines.map(({ colour }) => colour))).toEqual(new Set(WINE_COLOURS));
  });

  it('finds a wine by id, and nothing by names that objects have', () => {
    expect(catalogue.wine('tavel-rose')?.name).toBe('Tavel Rosé');
    expect(catalogue.wine('constructor')).toBeUndefined();
  });

  it('refuses data that does not fit', () => {
    const [wine] = catalogue.wines;
    expect(() => openCatalogue([{ ...wine, priceCents: 12.5 }])).toThrow();
    expect(() => openCatalogue([{ ...wine, id: 'Not an id' }])).toThrow();
  });
});

describe('coupons', () => {
  const coupon = {
    code: 'SPRING5',
    percent: 5,
    active: true,
    validFrom: '2026-03-01T00:00:00Z',
    validTo: '2026-03-31T23:59:59Z',
  };
  const find = openCoupons([coupon, { ...coupon, code: 'ASLEEP', active: false }]);

  it('count in any case, from the first moment to the last', () => {
    for (const moment of [coupon.validFrom, '2026-03-15T12:00:00Z', coupon.validTo]) {
      expect(find(' spring5 ', new Date(moment))).toMatchObject({ coupon: { code: 'SPRING5', percent: 5 } });
    }
  });

  it('are refused with a sentence before, after, asleep and unknown', () => {
    const march = new Date('2026-03-15T12:00:00Z');
    expect(find('SPRING5', new Date('2026-02-28T23:59:59Z'))).toEqual({ refused: 'This coupon is not valid yet.' });
    expect(find('SPRING5', new Date('2026-04-01T00:00:00Z'))).toEqual({ refused: 'This coupon has expired.' });
    expect(find('ASLEEP', march)).toEqual({ refused: 'This coupon is not known.' });
    expect(find('NOPE', march)).toEqual({ refused: 'This coupon is not known.' });
  });

  it('hold WELCOME10 from the start', () => {
    expect(openCoupons()('welcome10', new Date())).toMatchObject({ coupon: { percent: 10 } });
  });
});
