/** The shop's store in the SQLite file of the embedded broker: an order and its tasks are one commit. */
import { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Invoice, Order, OrderDraft, Payment } from '../order.ts';
import type { ProductStore } from '../product-store.ts';
import type { PairScore } from '../recommender.ts';
import { type Sender, sendAll } from '../send-all.ts';
import type { EarlierOrder, IdempotencyKey, Outgoing, ShopStore } from '../store.ts';
import { insertOrder, readOrder, readPaidBetween } from './sqlite/order-rows.ts';
import * as products from './sqlite/product-rows.ts';
import { SCHEMA } from './sqlite/schema.ts';
import { statement } from './sqlite/statements.ts';

/** What a write may use inside its transaction; the part of Cellar's `ClientTransaction` that the store needs. */
export interface WriteTransaction extends Sender {
  readonly database: DatabaseSync;
}

/** Runs `work` synchronously in a write transaction: `cellar.transaction`. */
export type WriteInTransaction = <T>(work: (transaction: WriteTransaction) => T) => Promise<T>;

/** Longest wait of a read, which in WAL mode only a recovery after a crash can cause. */
const READ_TIMEOUT_MS = 1_000;

/**
 * Opens the store, making its tables where they are missing. Writes go through `transaction`, reads through a
 * connection of the store's own to the same file, so that they never wait for the writer.
 */
export async function openSqliteStore(transaction: WriteInTransaction): Promise<ShopStore> {
  const path = await transaction(({ database }) => {
    database.exec(SCHEMA);
    return database.location();
  });
  if (path === null) throw new Error('the database has no file, allowed: a file that a second connection can open');
  const reads = new DatabaseSync(path, { readOnly: true, timeout: READ_TIMEOUT_MS });
  return {
    placedWith: async (key) => findEarlier(reads, key),
    placeOrder: (draft, idempotency, outgoing) =>
      transaction((write) => placeOrder(write, { draft, idempotency, outgoing })),
    order: async (id) => readOrder(reads, id),
    payOrder: (id, payment, outgoing) => transaction((write) => payOrder(write, { id, payment, outgoing })),
    cancelOrder: (id) =>
      transaction(({ database }) => {
        statement(database, `UPDATE shop_orders SET status = 'cancelled' WHERE id = ? AND status = 'pending'`).run(id);
        return readOrder(database, id);
      }),
    issueInvoice: (id, issuedAt) => transaction(({ database }) => issueInvoice(database, id, issuedAt)),
    addPurchase: (orderId, pairs) => transaction(({ database }) => addPurchase(database, orderId, pairs)),
    boughtWith: async (wineIds) => boughtWith(reads, wineIds),
    paidBetween: async (from, to) => readPaidBetween(reads, from, to),
    ...openProducts(transaction, reads),
    close: async () => reads.close(),
  };
}

function openProducts(transaction: WriteInTransaction, reads: DatabaseSync): ProductStore {
  return {
    wines: async () => products.readWines(reads),
    winesOnSale: async (ids) => products.readWinesOnSale(reads, ids),
    coupon: async (code) => products.readCoupon(reads, code),
    addMissing: (added) => transaction(({ database }) => products.addMissing(database, added)),
    saveWine: (wine) => transaction(({ database }) => products.saveWine(database, wine)),
    withdrawWine: (id) => transaction(({ database }) => products.withdrawWine(database, id)),
    saveCoupon: (coupon) => transaction(({ database }) => products.saveCoupon(database, coupon)),
  };
}

interface Placement {
  readonly draft: OrderDraft;
  readonly idempotency: IdempotencyKey;
  readonly outgoing: (order: Order) => readonly Outgoing[];
}

function placeOrder(write: WriteTransaction, { draft, idempotency, outgoing }: Placement) {
  const { database } = write;
  const earlier = findEarlier(database, idempotency.key);
  if (earlier !== undefined) return { earlier };
  const placed = insertOrder(database, draft);
  statement(database, 'INSERT INTO shop_idempotency (key, request_hash, order_id) VALUES (?, ?, ?)').run(
    idempotency.key,
    idempotency.requestHash,
    placed.id,
  );
  sendAll(write, outgoing(placed));
  return { placed };
}

const earlierRow = z.object({ request_hash: z.string(), order_id: z.int() });

function findEarlier(database: DatabaseSync, key: string): EarlierOrder | undefined {
  const row = statement(database, 'SELECT request_hash, order_id FROM shop_idempotency WHERE key = ?').get(key);
  if (row === undefined) return undefined;
  const { request_hash: requestHash, order_id } = earlierRow.parse(row);
  const order = readOrder(database, order_id);
  return order === undefined ? undefined : { order, requestHash };
}

interface PaymentOf {
  readonly id: number;
  readonly payment: Payment;
  readonly outgoing: readonly Outgoing[];
}

function payOrder(write: WriteTransaction, { id, payment, outgoing }: PaymentOf) {
  const { changes } = statement(
    write.database,
    `UPDATE shop_orders SET status = 'paid', payment_id = ?, paid_at = ? WHERE id = ? AND status <> 'paid'`,
  ).run(payment.id, payment.paidAt.getTime(), id);
  if (changes === 0) return readOrder(write.database, id) === undefined ? 'unknown-order' : 'already-paid';
  sendAll(write, outgoing);
  return 'paid';
}

function issueInvoice(database: DatabaseSync, id: number, issuedAt: Date): Invoice | 'not-paid' | 'unknown-order' {
  const order = readOrder(database, id);
  if (order === undefined) return 'unknown-order';
  if (order.invoice !== undefined) return order.invoice;
  if (order.status !== 'paid') return 'not-paid';
  const row = statement(
    database,
    `INSERT INTO shop_invoices (number, order_id, issued_at)
     SELECT coalesce(max(number), 0) + 1, ?, ? FROM shop_invoices RETURNING number`,
  ).get(id, issuedAt.getTime());
  return { number: z.object({ number: z.int() }).parse(row).number, issuedAt };
}

function addPurchase(database: DatabaseSync, orderId: number, pairs: readonly (readonly [string, string])[]): boolean {
  const { changes } = statement(database, 'INSERT OR IGNORE INTO shop_scored_orders VALUES (?)').run(orderId);
  if (changes === 0) return false;
  const raise = statement(
    database,
    'INSERT INTO shop_scores VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET score = score + 1',
  );
  for (const [wineId, withWineId] of pairs) raise.run(wineId, withWineId);
  return true;
}

const scoreRows = z.array(z.object({ wineId: z.string(), score: z.int() }));

function boughtWith(database: DatabaseSync, wineIds: readonly string[]): PairScore[] {
  return scoreRows.parse(
    statement(
      database,
      `SELECT with_wine_id AS wineId, score FROM shop_scores WHERE wine_id IN (SELECT value FROM json_each(?))`,
    ).all(JSON.stringify(wineIds)),
  );
}
