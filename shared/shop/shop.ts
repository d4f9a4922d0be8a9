/** What customers and payment providers do in the shop; every write leaves with the tasks that follow from it. */
import { createHash } from 'node:crypto';
import { type Catalogue, keptCatalogue } from './catalogue.ts';
import { type CouponLookup, findCoupon } from './coupon.ts';
import type { Order } from './order.ts';
import { draftOrder } from './order-draft.ts';
import type { FieldErrors, OrderRequest } from './order-request.ts';
import { SUGGESTIONS_SHOWN, suggest } from './recommender.ts';
import type { Outgoing, ShopStore } from './store.ts';
import { orderCreated, orderPaid, paymentReminder } from './tasks.ts';
import { ORDER_PAID, SHOP_EVENTS } from './topology.ts';
import type { Wine } from './wine.ts';

export interface ShopParts {
  readonly store: ShopStore;
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
  /** What is on sale, at most a minute old. */
  catalogue(): Promise<Catalogue>;
  /** Whether a coupon counts now. */
  findCoupon(code: string): Promise<CouponLookup>;
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
  const { store, now } = parts;
  const catalogue = keptCatalogue(store, now);
  return {
    catalogue,
    findCoupon: (code) => findCoupon(store.coupon, code, now()),
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
      const [{ wine }, scores] = await Promise.all([catalogue(), store.boughtWith(wineIds)]);
      const onSale = scores.filter(({ wineId }) => wine(wineId) !== undefined);
      return suggest(onSale, wineIds, SUGGESTIONS_SHOWN).flatMap((id) => wine(id) ?? []);
    },
  };
}

async function placeOrder(parts: ShopParts, request: OrderRequest, key: string): Promise<PlaceOutcome> {
  const { store, now, newAccessToken, reminderSeconds } = parts;
  const requestHash = createHash('sha256').update(JSON.stringify(request)).digest('hex');
  // Both are asked at once, but a repeat gets its order even where the price has changed or the coupon has expired since.
  const [known, drafted] = await Promise.all([
    store.placedWith(key),
    draftOrder(store, request, { placedAt: now(), accessToken: newAccessToken() }),
  ]);
  if (known !== undefined) return again(known, requestHash);
  if ('fields' in drafted) return { kind: 'refused', fields: drafted.fields };
  const outcome = await store.placeOrder(drafted.draft, { key, requestHash }, (order) =>
    followUps(order, reminderSeconds),
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
