import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openStore } from '../../../functions/backing/any-store.ts';
import { seedProducts } from '../../../shared/shop/seed.ts';
import type { ShopStore } from '../../../shared/shop/store.ts';
import type { Wine } from '../../../shared/shop/wine.ts';
import { ORDER, openTestShop, orderRequest, type TestShop } from '../shop-harness.ts';

let shop: TestShop;
let store: ShopStore;

beforeEach(async () => {
  shop = await openTestShop();
  store = await openStore(shop.cellar, shop.shopSettings);
});
afterEach(async () => {
  await store.close();
  await shop.close();
});

const place = (key: string, body: unknown = ORDER) => shop.request('POST', '/api/orders', orderRequest(key, body));

describe('what staff change while the shop runs', () => {
  function tavel(): Wine {
    const wine = seedProducts().wines.find(({ id }) => id === 'tavel-rose');
    if (wine === undefined) throw new Error('the seed has no tavel-rose');
    return wine;
  }

  it('is what the next order costs, though pages may show the price of before', async () => {
    const shown = await shop.request('GET', '/api/wines/tavel-rose');
    await place('before');
    await store.saveWine({ ...tavel(), priceCents: 2_000 });
    expect((await place('after')).body).toMatchObject({ total: 10_800 + 2_000 });
    expect((await shop.request('GET', '/api/orders/1')).body).toMatchObject({ total: 10_800 + 1_590 });
    expect((await shop.request('GET', '/api/wines/tavel-rose')).body).toEqual(shown.body);
  });

  it('refuses a wine that was taken off sale, as one that there never was', async () => {
    await store.withdrawWine('tavel-rose');
    const answer = await place('k1');
    expect([answer.status, answer.body]).toMatchObject([
      422,
      { error: { code: 'invalid', fields: { 'items.1.wineId': 'This wine is not in the catalogue.' } } },
    ]);
    expect((await shop.request('GET', '/api/orders/1')).status).toBe(404);
    expect(await shop.waiting('mail')).toBe(0);
  });

  it('refuses a coupon at once that counted a moment ago', async () => {
    const withCoupon = { ...ORDER, couponCode: 'WELCOME10' };
    expect((await place('before', withCoupon)).status).toBe(201);
    const coupon = await store.coupon('WELCOME10');
    if (coupon === undefined) throw new Error('there is no WELCOME10');
    await store.saveCoupon({ ...coupon, validTo: new Date(0) });
    expect((await place('after', withCoupon)).body).toMatchObject({
      error: { fields: { couponCode: 'This coupon has expired.' } },
    });
    expect((await shop.request('GET', '/api/coupons/WELCOME10')).status).toBe(404);
    expect((await place('before', withCoupon)).headers['idempotent-replayed']).toBe('true');
  });
});
