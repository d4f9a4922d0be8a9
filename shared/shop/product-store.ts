/**
 * The port to what the shop sells: wines and coupons are rows, which staff may change while the shop runs. It is part of
 * the shop's store, and of its contract suite (`test/shop/product-store-contract.ts`).
 */
import type { Coupon } from './coupon.ts';
import type { Wine } from './wine.ts';

/** Wines in the order in which the shop shows them, and coupons. */
export interface Products {
  readonly wines: readonly Wine[];
  readonly coupons: readonly Coupon[];
}

/** All methods may be called concurrently, from several processes; repeating a call is always safe. */
export interface ProductStore {
  /** All wines on sale, in the order in which the shop shows them; may lag a second behind. */
  wines(): Promise<readonly Wine[]>;
  /** Those of at most 100 wines that are on sale now, as they were written last; in any order. */
  winesOnSale(ids: readonly string[]): Promise<readonly Wine[]>;
  /** The coupon of a code, as it was written last, whether it counts now or not. */
  coupon(code: string): Promise<Coupon | undefined>;
  /**
   * Adds what is not there, the wines in the order of the list. What is there stays as it is: changed by staff, or
   * taken off sale. Answers how many were added.
   */
  addMissing(products: Products): Promise<number>;
  /** Puts the wine on sale, as it is given; one that was not there comes behind all others. */
  saveWine(wine: Wine): Promise<void>;
  /** Takes the wine off sale; its row stays. False where there is none. */
  withdrawWine(id: string): Promise<boolean>;
  saveCoupon(coupon: Coupon): Promise<void>;
}
