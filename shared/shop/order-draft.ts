/** From what a customer asks for to an order that can be placed: prices and coupon as the store has them now. */
import { type CouponLookup, findCoupon } from './coupon.ts';
import type { OrderDraft, OrderLine } from './order.ts';
import type { FieldErrors, OrderRequest } from './order-request.ts';
import type { ProductStore } from './product-store.ts';
import type { Wine } from './wine.ts';

export type Drafted = { readonly draft: OrderDraft } | { readonly fields: FieldErrors };

/** What an order gets from elsewhere than its request and the store. */
export type DraftOrigin = Pick<OrderDraft, 'placedAt' | 'accessToken'>;

/** Drafts the order; refuses wines that are not on sale and coupons that do not count, all at once. */
export async function draftOrder(
  store: Pick<ProductStore, 'winesOnSale' | 'coupon'>,
  request: OrderRequest,
  origin: DraftOrigin,
): Promise<Drafted> {
  const { customer, items, couponCode } = request;
  const [wines, found] = await Promise.all([
    store.winesOnSale(items.map(({ wineId }) => wineId)),
    couponCode === undefined ? undefined : findCoupon(store.coupon, couponCode, origin.placedAt),
  ]);
  const lines = linesOf(items, wines);
  const fields = { ...unknownWines(items, lines), ...refusedCoupon(found) };
  if (Object.keys(fields).length > 0) return { fields };
  return { draft: { ...origin, customer, lines, coupon: appliedCoupon(found), currency: 'EUR' } };
}

function linesOf(items: OrderRequest['items'], wines: readonly Wine[]): readonly OrderLine[] {
  const byId = new Map(wines.map((wine) => [wine.id, wine]));
  return items.flatMap(({ wineId, quantity }) => {
    const wine = byId.get(wineId);
    return wine === undefined ? [] : [{ wineId, title: titleOf(wine), priceCents: wine.priceCents, quantity }];
  });
}

function titleOf({ name, winery, vintage }: Wine): string {
  return `${name}, ${winery}, ${vintage}`;
}

function unknownWines(items: OrderRequest['items'], lines: readonly OrderLine[]): FieldErrors {
  const known = new Set(lines.map(({ wineId }) => wineId));
  return Object.fromEntries(
    items.flatMap(({ wineId }, index) =>
      known.has(wineId) ? [] : [[`items.${index}.wineId`, 'This wine is not in the catalogue.']],
    ),
  );
}

function refusedCoupon(found: CouponLookup | undefined): FieldErrors {
  return found !== undefined && 'refused' in found ? { couponCode: found.refused } : {};
}

function appliedCoupon(found: CouponLookup | undefined): OrderDraft['coupon'] {
  if (found === undefined || !('coupon' in found)) return undefined;
  return { code: found.coupon.code, percent: found.coupon.percent };
}
