/** The port to where orders are kept. One contract suite (`test/shop/store-contract.ts`) decides what an implementation must do. */
import type { SendOptions, Signature } from 'cellar';
import type { Invoice, Order, OrderDraft, Payment } from './order.ts';
import type { ProductStore } from './product-store.ts';
import type { PairScore } from './recommender.ts';

/** A task that leaves together with a write: both are there after a crash, or neither. */
export type Outgoing =
  | { readonly signature: Signature<unknown>; readonly options?: SendOptions }
  | {
      readonly exchange: string;
      readonly routingKey: string;
      readonly signature: Signature<unknown>;
      readonly options?: Pick<SendOptions, 'messageGroup' | 'deduplicationId'>;
    };

/** A customer's key for one attempt to order, and the digest of what was asked with it. */
export interface IdempotencyKey {
  readonly key: string;
  readonly requestHash: string;
}

export interface EarlierOrder {
  readonly order: Order;
  readonly requestHash: string;
}

/**
 * Orders, invoices, what is bought together; and the products.
 *
 * All methods may be called concurrently, from several processes. A rejection means that nothing was written, or
 * that it is not known (the connection broke); repeating a call is always safe. Writers that meet are waited for
 * inside; no other fault is tried again.
 */
export interface ShopStore extends ProductStore {
  /** The order that was placed with this key. */
  placedWith(key: string): Promise<EarlierOrder | undefined>;
  /**
   * Stores the order under the next id, with its key and its tasks. A key that is taken writes nothing and answers
   * the order that has it; the caller compares the hashes.
   *
   * `outgoing` is called with the order as it will be stored, perhaps more than once; it must be pure.
   */
  placeOrder(
    draft: OrderDraft,
    idempotency: IdempotencyKey,
    outgoing: (order: Order) => readonly Outgoing[],
  ): Promise<{ readonly placed: Order } | { readonly earlier: EarlierOrder }>;
  order(id: number): Promise<Order | undefined>;
  /** Marks the order paid, with its tasks. An order that is paid stays as it is and sends nothing. */
  payOrder(
    id: number,
    payment: Payment,
    outgoing: readonly Outgoing[],
  ): Promise<'paid' | 'already-paid' | 'unknown-order'>;
  /** Marks a pending order cancelled; any other stays as it is. Answers the order as it is then. */
  cancelOrder(id: number): Promise<Order | undefined>;
  /** Gives a paid order the next invoice number; an order that has one keeps it. Numbers are 1, 2, 3, … without gaps. */
  issueInvoice(id: number, issuedAt: Date): Promise<Invoice | 'not-paid' | 'unknown-order'>;
  /** Raises the score of each ordered pair by 1, once for each order: false when this order was counted before. */
  addPurchase(orderId: number, pairs: readonly (readonly [string, string])[]): Promise<boolean>;
  /** What was bought with any of these wines: one entry a pair. */
  boughtWith(wineIds: readonly string[]): Promise<readonly PairScore[]>;
  /** Orders paid from `from` on and before `to`, by id. */
  paidBetween(from: Date, to: Date): Promise<readonly Order[]>;
  /** Frees what the store opened; not what it was given. */
  close(): Promise<void>;
}
