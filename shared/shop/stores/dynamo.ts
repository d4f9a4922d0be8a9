/** The shop's store on one DynamoDB table: an order, its key and its messages are one transaction. */
import type { ShopStore } from '../store.ts';
import type { TableAccess } from './dynamo/access.ts';
import { addPurchase, boughtWith } from './dynamo/bought-with.ts';
import { issueInvoice } from './dynamo/invoices.ts';
import { cancelOrder, findEarlier, payOrder, placeOrder, readOrder } from './dynamo/orders.ts';
import { readPaidBetween } from './dynamo/paid-orders.ts';
import { openProducts } from './dynamo/products.ts';

/**
 * Opens the store on a table that is there (`shopTable` says how it is made). Reads see what was written last, but for
 * `paidBetween`, `boughtWith` and `wines`, which may lag a second behind.
 *
 * Tasks leave as outbox rows of the same transaction; the table's stream hands them to what publishes them
 * (`outboxMessages`), so that a crash after the write loses none. Writers that meet are tried again inside.
 */
export function openDynamoStore(access: TableAccess): ShopStore {
  return {
    placedWith: (key) => findEarlier(access, key),
    placeOrder: (draft, idempotency, outgoing) => placeOrder(access, { draft, idempotency, outgoing }),
    order: (id) => readOrder(access, id),
    payOrder: (id, payment, outgoing) => payOrder(access, { id, payment, outgoing }),
    cancelOrder: (id) => cancelOrder(access, id),
    issueInvoice: (id, issuedAt) => issueInvoice(access, id, issuedAt),
    addPurchase: (orderId, pairs) => addPurchase(access, orderId, pairs),
    boughtWith: (wineIds) => boughtWith(access, wineIds),
    paidBetween: (from, to) => readPaidBetween(access, from, to),
    ...openProducts(access),
    close: async () => undefined,
  };
}
