/** Orders as rows: one in `shop_orders`, one in `shop_order_lines` for each line. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Order, OrderDraft } from '../../order.ts';
import { statement } from './statements.ts';

const SELECT_ORDER = `
SELECT o.*, i.number AS invoice_number, i.issued_at FROM shop_orders o LEFT JOIN shop_invoices i ON i.order_id = o.id`;

const orderRow = z.object({
  id: z.int(),
  status: z.enum(['pending', 'paid', 'cancelled']),
  first_name: z.string(),
  last_name: z.string(),
  email: z.string(),
  address: z.string(),
  postal_code: z.string(),
  city: z.string(),
  coupon_code: z.nullable(z.string()),
  coupon_percent: z.nullable(z.int()),
  currency: z.literal('EUR'),
  placed_at: z.int(),
  access_token: z.string(),
  payment_id: z.nullable(z.string()),
  paid_at: z.nullable(z.int()),
  invoice_number: z.nullable(z.int()),
  issued_at: z.nullable(z.int()),
});

const lineRow = z.object({ wine_id: z.string(), title: z.string(), price_cents: z.int(), quantity: z.int() });

/** Writes a new order with its lines; answers it under its id. */
export function insertOrder(database: DatabaseSync, draft: OrderDraft): Order {
  const { customer, coupon } = draft;
  const { lastInsertRowid } = statement(
    database,
    `INSERT INTO shop_orders (status, first_name, last_name, email, address, postal_code, city,
       coupon_code, coupon_percent, currency, placed_at, access_token)
     VALUES ('pending', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  ).run(
    customer.firstName,
    customer.lastName,
    customer.email,
    customer.address,
    customer.postalCode,
    customer.city,
    coupon?.code ?? null,
    coupon?.percent ?? null,
    draft.currency,
    draft.placedAt.getTime(),
    draft.accessToken,
  );
  const id = Number(lastInsertRowid);
  const insertLine = statement(database, 'INSERT INTO shop_order_lines VALUES (?, ?, ?, ?, ?, ?)');
  for (const [position, line] of draft.lines.entries()) {
    insertLine.run(id, position, line.wineId, line.title, line.priceCents, line.quantity);
  }
  return { ...draft, id, status: 'pending', payment: undefined, invoice: undefined };
}

export function readOrder(database: DatabaseSync, id: number): Order | undefined {
  const row = statement(database, `${SELECT_ORDER} WHERE o.id = ?`).get(id);
  return row === undefined ? undefined : orderOf(database, row);
}

export function readPaidBetween(database: DatabaseSync, from: Date, to: Date): Order[] {
  return statement(database, `${SELECT_ORDER} WHERE o.paid_at >= ? AND o.paid_at < ? ORDER BY o.id`)
    .all(from.getTime(), to.getTime())
    .map((row) => orderOf(database, row));
}

function orderOf(database: DatabaseSync, data: unknown): Order {
  const row = orderRow.parse(data);
  const lines = statement(database, 'SELECT * FROM shop_order_lines WHERE order_id = ? ORDER BY position').all(row.id);
  const { coupon_code: code, coupon_percent: percent, payment_id, paid_at, invoice_number: number, issued_at } = row;
  return {
    id: row.id,
    status: row.status,
    customer: {
      firstName: row.first_name,
      lastName: row.last_name,
      email: row.email,
      address: row.address,
      postalCode: row.postal_code,
      city: row.city,
    },
    lines: lines.map((line) => {
      const { wine_id: wineId, title, price_cents: priceCents, quantity } = lineRow.parse(line);
      return { wineId, title, priceCents, quantity };
    }),
    coupon: code === null || percent === null ? undefined : { code, percent },
    currency: row.currency,
    placedAt: new Date(row.placed_at),
    accessToken: row.access_token,
    payment: payment_id === null || paid_at === null ? undefined : { id: payment_id, paidAt: new Date(paid_at) },
    invoice: number === null || issued_at === null ? undefined : { number, issuedAt: new Date(issued_at) },
  };
}
