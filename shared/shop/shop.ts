/** What customers and payment providers do in the shop; every write leaves with the tasks that follow from it. */
import { createHash } from 'node:crypto';
import type { Catalogue } from './catalogue.ts';
import type { FindCoupon } from './coupon.ts';
import type { AppliedCoupon, Order, OrderDraft, OrderLine } from './order.ts';
import type { FieldErrors, OrderRequest } from './order-request.ts';
import { SUGGESTIONS_SHOWN, suggest } from './recommender.ts';
import type { Outgoing, ShopStore } from './store.ts';
import { orderCreated, orderPaid, paymentReminder } from './tasks.ts';
import { ORDER_PAID, SHOP_EVENTS } from './topology.ts';
import type { Wine } from './wine.ts';

export interface ShopParts {
  readonly store: ShopStore;
  readonly catalogue: Catalogue;
  readonly findCoupon: FindCoupon;
  readonly now: () => Date;
  /** A new secret that opens one order; at least 128 random bits. */
  readonly newAccessToken: () => string;
  /** When a customer who has not paid is reminded. */
  readonly reminderSeconds: number;
}

export type PlaceOutcome =
  | { readonly kind: 'placed'; readonly order: Order }
  /** The same was asked before with the same key: the order of that time. */
  | { readonly kind: 'replayed'; readonly order: Order }
  /** The key belongs to another request. */
  | { readonly kind: 'key-taken' }
  | { readonly kind: 'refused'; readonly fields: FieldErrors };

export interface Shop {
  readonly catalogue: Catalogue;
  readonly findCoupon: FindCoupon;
  order(id: number): Promise<Order | undefined>;
  placeOrder(request: OrderRequest, key: string): Promise<PlaceOutcome>;
  /** The provider says that it is paid; a repeat has no second effect. */
  pay(orderId: number, paymentId: string): Promise<'paid' | 'already-paid' | 'unknown-order'>;
  /** The customer turned back before paying. Answers the order as it is then. */
  cancel(orderId: number): Promise<Order | undefined>;
  /** Wines bought together with these, best first. */
  recommend(wineIds: readonly string[]): Promise<readonly Wine[]>;
}

/** Id of an order's reminder, so that the payment can take it back. */
export function reminderTaskId(orderId: number): string {
  return `payment-reminder-${orderId}`;
}

/** Tasks of one order keep their order within a queue. */
export function orderMessageGroup(orderId: number): string {
  return `order-${orderId}`;
}

export function makeShop(parts: ShopParts): Shop {
  const { store, catalogue, findCoupon, now } = parts;
  return {
    catalogue,
    findCoupon,
    order: store.order,
    placeOrder: (request, key) => placeOrder(parts, request, key),
    pay: (orderId, paymentId) =>
      store.payOrder(orderId, { id: paymentId, paidAt: now() }, [
        {
          exchange: SHOP_EVENTS,
          routingKey: ORDER_PAID,
          signature: orderPaid({ orderId }),
          options: { messageGroup: orderMessageGroup(orderId) },
        },
      ]),
    cancel: store.cancelOrder,
    async recommend(wineIds) {
      const scores = (await store.boughtWith(wineIds)).filter(({ wineId }) => catalogue.wine(wineId) !== undefined);
      return suggest(scores, wineIds, SUGGESTIONS_SHOWN).flatMap((id) => catalogue.wine(id) ?? []);
    },
  };
}

async function placeOrder(parts: ShopParts, request: OrderRequest, key: string): Promise<PlaceOutcome> {
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  // Asked first: a repeat gets its order even where the price has changed or the coupon has expired since.
  const known = await parts.store.placedWith(key);
  if (known !== undefined) return again(known, requestHash);
  const drafted = draft(parts, request);
  if ('fields' in drafted) return { kind: 'refused', fields: drafted.fields };
  const outcome = await parts.store.placeOrder(drafted.draft, { key, requestHash }, (order) =>
    followUps(order, parts.reminderSeconds),
  );
  return 'placed' in outcome ? { kind: 'placed', order: outcome.placed } : again(outcome.earlier, requestHash);
}

function again(earlier: { readonly order: Order; readonly requestHash: string }, requestHash: string): PlaceOutcome {
  return earlier.requestHash === requestHash ? { kind: 'replayed', order: earlier.order } : { kind: 'key-taken' };
}

function followUps({ id: orderId }: Order, reminderSeconds: number): readonly Outgoing[] {
  const messageGroup = orderMessageGroup(orderId);
  return [
    { signature: orderCreated({ orderId }), options: { messageGroup } },
    {
      signature: paymentReminder({ orderId }),
      options: { countdown: reminderSeconds, taskId: reminderTaskId(orderId) },
    },
  ];
}

type Drafted = { readonly draft: OrderDraft } | { readonly fields: FieldErrors };

/** Prices and coupon as they are now. */
function draft({ catalogue, findCoupon, now, newAccessToken }: ShopParts, request: OrderRequest): Drafted {
  const placedAt = now();
  const fields: Record<string, string> = {};
  const lines: OrderLine[] = [];
  for (const [index, { wineId, quantity }] of request.items.entries()) {
    const wine = catalogue.wine(wineId);
    if (wine === undefined) fields[`items.${index}.wineId`] = 'This wine is not in the catalogue.';
    else lines.push({ wineId, title: titleOf(wine), priceCents: wine.priceCents, quantity });
  }
  let coupon: AppliedCoupon | undefined;
  if (request.couponCode !== undefined) {
    const found = findCoupon(request.couponCode, placedAt);
    if ('refused' in found) fields.couponCode = found.refused;
    else coupon = { code: found.coupon.code, percent: found.coupon.percent };
  }
  if (Object.keys(fields).length > 0) return { fields };
  const { customer } = request;
  return { draft: { customer, lines, coupon, currency: 'EUR', placedAt, accessToken: newAccessToken() } };
}

function titleOf({ name, winery, vintage }: Wine): string {
  return `${name}, ${winery}, ${vintage}`;
}
