import { describe, expect, it } from '@jest/globals';
import { findCoupon } from '../../shared/shop/coupon.ts';
import { seedProducts } from '../../shared/shop/seed.ts';
import { WINE_COLOURS } from '../../shared/shop/wine.ts';

describe('seedProducts', () => {
  const { wines, coupons } = seedProducts();

  it('has at least 24 wines of every colour, each under its own id', () => {
    expect(wines.length).toBeGreaterThanOrEqual(24);
    expect(new Set(wines.map(({ id }) => id)).size).toBe(wines.length);
    expect(new Set(wines.map(({ colour }) => colour))).toEqual(new Set(WINE_COLOURS));
  });

  it('has WELCOME10, which counts', async () => {
    const read = async (wanted: string) => coupons.find(({ code }) => code === wanted);
    expect(await findCoupon(read, 'welcome10', new Date())).toMatchObject({ coupon: { percent: 10 } });
  });

  it('refuses data that does not fit', () => {
    const [wine] = wines;
    expect(() => seedProducts({ wines: [{ ...wine, priceCents: 12.5 }], coupons: [] })).toThrow();
    expect(() => seedProducts({ wines: [{ ...wine, id: 'Not an id' }], coupons: [] })).toThrow();
    expect(() => seedProducts({ wines: [{ ...wine, stock: 3 }], coupons: [] })).toThrow();
    const coupon = { code: 'SPRING5', percent: 5, active: true, validFrom: '2026-03-01', validTo: '2026-03-31' };
    expect(() => seedProducts({ wines: [], coupons: [coupon] })).toThrow();
  });
});
