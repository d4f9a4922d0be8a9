/** What every store must do with products; part of the store's contract. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Products } from '../../shared/shop/product-store.ts';
import { seedProducts } from '../../shared/shop/seed.ts';
import type { ShopStore } from '../../shared/shop/store.ts';
import type { Wine } from '../../shared/shop/wine.ts';
import type { StoreHarness } from './store-contract.ts';

const seed = seedProducts();

/** The first wines of the seed and two of its coupons. */
function firstProducts(count = 3): Products {
  return { wines: seed.wines.slice(0, count), coupons: seed.coupons.slice(0, 2) };
}

function firstWine(): Wine {
  const [wine] = seed.wines;
  if (wine === undefined) throw new Error('the seed has no wine');
  return wine;
}

export function productStoreContract(name: string, open: () => Promise<StoreHarness>): void {
  describe(`${name} as the store of products`, () => {
    let harness: StoreHarness;
    let store: ShopStore;

    beforeEach(async () => {
      harness = await open();
      store = harness.store;
    });
    afterEach(() => harness.close());

    const idsOnSale = async () => (await store.wines()).map(({ id }) => id);

    it('gives back every wine as it was added, in the order of the list', async () => {
      expect(await store.wines()).toEqual([]);
      expect(await store.addMissing(seed)).toBe(seed.wines.length + seed.coupons.length);
      expect(await store.wines()).toEqual(seed.wines);
    });

    it('reads the wines and the coupon of an order', async () => {
      const products = firstProducts();
      await store.addMissing(products);
      const [first, second] = products.wines;
      const found = await store.winesOnSale([second?.id ?? '', 'no-such-wine', first?.id ?? '', "' OR 1=1"]);
      expect(found.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([first, second]);
      expect(await store.winesOnSale([])).toEqual([]);
      for (const coupon of products.coupons) expect(await store.coupon(coupon.code)).toEqual(coupon);
      expect(await store.coupon('NOPE')).toBeUndefined();
    });

    it('adds only what is missing, whoever asks at once', async () => {
      await store.addMissing(firstProducts(2));
      const another = await harness.openAnother();
      const added = await Promise.all([store, another, store].map((one) => one.addMissing(firstProducts(4))));
      expect(added.reduce((sum, count) => sum + count)).toBe(2);
      expect(await store.wines()).toEqual(firstProducts(4).wines);
      await another.close();
    });

    it('keeps what staff changed when the first products are added again', async () => {
      await store.addMissing(firstProducts());
      const dearer = { ...firstWine(), priceCents: firstWine().priceCents + 250 };
      await store.saveWine(dearer);
      const [coupon] = firstProducts().coupons;
      if (coupon === undefined) throw new Error('the seed has no coupon');
      await store.saveCoupon({ ...coupon, active: false });
      expect(await store.addMissing(firstProducts())).toBe(0);
      expect((await store.wines())[0]).toEqual(dearer);
      expect(await store.winesOnSale([dearer.id])).toEqual([dearer]);
      expect(await store.coupon(coupon.code)).toEqual({ ...coupon, active: false });
    });

    it('shows a wine no more that was taken off sale, until it is saved again', async () => {
      await store.addMissing(firstProducts());
      const { id } = firstWine();
      expect(await store.withdrawWine(id)).toBe(true);
      expect(await store.withdrawWine('no-such-wine')).toBe(false);
      expect(await store.addMissing(firstProducts())).toBe(0);
      expect(await idsOnSale()).not.toContain(id);
      expect(await store.winesOnSale([id])).toEqual([]);
      await store.saveWine(firstWine());
      expect((await idsOnSale())[0]).toBe(id);
    });

    it('shows a wine that staff add behind all others, and its coupon', async () => {
      await store.saveWine({ ...firstWine(), id: 'a-new-wine' });
      await store.addMissing(firstProducts());
      expect(await idsOnSale()).toEqual([...firstProducts().wines.map(({ id }) => id), 'a-new-wine']);
      const spring = { code: 'SPRING5', percent: 5, active: true, validFrom: new Date(0), validTo: new Date(1_000) };
      await store.saveCoupon(spring);
      expect(await store.coupon('SPRING5')).toEqual(spring);
    });
  });
}
