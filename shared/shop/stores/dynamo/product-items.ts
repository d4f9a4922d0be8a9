/** Wines and coupons as DynamoDB items: an attribute for each property, so that people can change one by itself. */
import type { AttributeValue, Item } from 'cellar/aws';
import * as z from 'zod/mini';
import { type Coupon, couponSchema } from '../../coupon.ts';
import { type Wine, wineSchema } from '../../wine.ts';

export const CATALOGUE = 'catalogue';

export function wineKey(id: string): Item {
  return { pk: { S: CATALOGUE }, sk: { S: `wine#${id}` } };
}

export function couponKey(code: string): Item {
  return { pk: { S: `coupon#${code}` }, sk: { S: 'coupon' } };
}

/** Attributes of a wine without its key. */
export function wineAttributes({ grapes, vintage, priceCents, ...texts }: Wine): Item {
  return {
    ...Object.fromEntries(Object.entries(texts).map(([name, text]) => [name, { S: text }])),
    grapes: { L: grapes.map((S) => ({ S })) },
    vintage: { N: `${vintage}` },
    priceCents: { N: `${priceCents}` },
  };
}

/** Attributes of a coupon without its key; times as ISO 8601. */
export function couponAttributes({ code, percent, active, validFrom, validTo }: Coupon): Item {
  return {
    code: { S: code },
    percent: { N: `${percent}` },
    active: { BOOL: active },
    validFrom: { S: validFrom.toISOString() },
    validTo: { S: validTo.toISOString() },
  };
}

/** An item may have attributes beside those of a product. */
const wineItem = z.object({ ...wineSchema.shape, position: z.number(), isOnSale: z.boolean() });
const couponItem = z.object(couponSchema.shape);

export interface CatalogueRow {
  readonly wine: Wine;
  readonly position: number;
  readonly isOnSale: boolean;
}

/** @throws Error where a hand has made the item unfit */
export function catalogueRow(item: Item): CatalogueRow {
  const { position, isOnSale, ...wine } = fitting(wineItem, item);
  return { wine, position, isOnSale };
}

/** @throws Error where a hand has made the item unfit */
export function couponOf(item: Item): Coupon {
  return fitting(couponItem, item);
}

function fitting<Schema extends z.ZodMiniType>(schema: Schema, item: Item): z.output<Schema> {
  const plain = Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plainOf(value)]));
  const parsed = schema.safeParse(plain);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`the item ${plain['pk']} ${plain['sk']} does not fit: ${issue?.path.join('.')}: ${issue?.message}`);
}

/** What an attribute says; `undefined` where no product has such a one. */
function plainOf(value: AttributeValue): unknown {
  if ('S' in value) return value.S;
  if ('N' in value) return Number(value.N);
  if ('BOOL' in value) return value.BOOL;
  return 'L' in value ? value.L.map(plainOf) : undefined;
}
