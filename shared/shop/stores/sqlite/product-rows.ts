/** Wines and coupons as rows of `shop_wines` and `shop_coupons`. */
import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod/mini';
import type { Coupon } from '../../coupon.ts';
import type { Products } from '../../product-store.ts';
import { type Wine, wineSchema } from '../../wine.ts';
import { statement } from './statements.ts';

const SELECT_WINE = `
SELECT id, name, winery, region, country, grapes, vintage, colour, price_cents AS priceCents, currency, description,
  illustration
FROM shop_wines WHERE on_sale = 1`;

/** Time in ms, so that a later wine comes behind; those of a list have their places in it. */
const NOW_MS = `CAST(unixepoch('subsec') * 1000 AS INTEGER)`;

const INSERT_WINE = `
INSERT INTO shop_wines (id, name, winery, region, country, grapes, vintage, colour, price_cents, currency, description,
  illustration, position, on_sale)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, coalesce(?, ${NOW_MS}), 1)`;

const CHANGED = ['name', 'winery', 'region', 'country', 'grapes', 'vintage', 'colour', 'price_cents', 'currency']
  .concat('description', 'illustration', 'on_sale')
  .map((column) => `${column} = excluded.${column}`)
  .join(', ');

const INSERT_COUPON = 'INSERT INTO shop_coupons (code, percent, active, valid_from, valid_to) VALUES (?, ?, ?, ?, ?)';

export function readWines(database: DatabaseSync): readonly Wine[] {
  return statement(database, `${SELECT_WINE} ORDER BY position, id`).all().map(wineOf);
}

export function readWinesOnSale(database: DatabaseSync, ids: readonly string[]): readonly Wine[] {
  const wanted = statement(database, `${SELECT_WINE} AND id IN (SELECT value FROM json_each(?))`);
  return wanted.all(JSON.stringify(ids)).map(wineOf);
}

function wineOf(row: Readonly<Record<string, unknown>>): Wine {
  return wineSchema.parse({ ...row, grapes: JSON.parse(String(row['grapes'])) });
}

const couponRow = z.object({
  code: z.string(),
  percent: z.int(),
  active: z.int(),
  valid_from: z.int(),
  valid_to: z.int(),
});

export function readCoupon(database: DatabaseSync, code: string): Coupon | undefined {
  const row = statement(database, 'SELECT * FROM shop_coupons WHERE code = ?').get(code);
  if (row === undefined) return undefined;
  const { percent, active, valid_from: from, valid_to: to } = couponRow.parse(row);
  return { code, percent, active: active === 1, validFrom: new Date(from), validTo: new Date(to) };
}

/** Adds the rows that are not there; answers how many. */
export function addMissing(database: DatabaseSync, { wines, coupons }: Products): number {
  const insertWine = statement(database, `${INSERT_WINE} ON CONFLICT DO NOTHING`);
  const insertCoupon = statement(database, `${INSERT_COUPON} ON CONFLICT DO NOTHING`);
  const written = [
    ...wines.map((wine, position) => insertWine.run(...wineValues(wine), position)),
    ...coupons.map((coupon) => insertCoupon.run(...couponValues(coupon))),
  ];
  return written.reduce((sum, { changes }) => sum + Number(changes), 0);
}

export function saveWine(database: DatabaseSync, wine: Wine): void {
  statement(database, `${INSERT_WINE} ON CONFLICT (id) DO UPDATE SET ${CHANGED}`).run(...wineValues(wine), null);
}

export function withdrawWine(database: DatabaseSync, id: string): boolean {
  return statement(database, 'UPDATE shop_wines SET on_sale = 0 WHERE id = ?').run(id).changes > 0;
}

export function saveCoupon(database: DatabaseSync, coupon: Coupon): void {
  statement(
    database,
    `${INSERT_COUPON} ON CONFLICT (code) DO UPDATE SET percent = excluded.percent, active = excluded.active,
       valid_from = excluded.valid_from, valid_to = excluded.valid_to`,
  ).run(...couponValues(coupon));
}

function wineValues(wine: Wine) {
  const { id, name, winery, region, country, grapes, vintage, colour, priceCents, currency } = wine;
  const { description, illustration } = wine;
  const place = [id, name, winery, region, country] as const;
  const bottle = [JSON.stringify(grapes), vintage, colour, priceCents, currency, description, illustration] as const;
  return [...place, ...bottle] as const;
}

function couponValues({ code, percent, active, validFrom, validTo }: Coupon) {
  return [code, percent, active ? 1 : 0, validFrom.getTime(), validTo.getTime()] as const;
}
