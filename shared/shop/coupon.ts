/** Coupons: a percentage off the whole order. */
import * as z from 'zod/mini';
import { isMoment } from './calendar.ts';

export interface Coupon {
  /** In upper case. */
  readonly code: string;
  /** 1 to 100. */
  readonly percent: number;
  readonly active: boolean;
  /** First and last moment at which it counts. */
  readonly validFrom: Date;
  readonly validTo: Date;
}

const CODE = /^[A-Z0-9]{3,50}$/;

const moment = z.pipe(
  z.string().check(z.refine(isMoment, 'not a moment such as 2026-03-28T10:00:00Z')),
  z.transform((text) => new Date(text)),
);

/** A coupon as JSON has it, its times in ISO 8601; a property that is not known is a fault. */
export const couponSchema = z.strictObject({
  code: z.string().check(z.regex(CODE)),
  percent: z.int().check(z.gte(1), z.lte(100)),
  active: z.boolean(),
  validFrom: moment,
  validTo: moment,
});

/** A refusal is one sentence for the customer. */
export type CouponLookup = { readonly coupon: Coupon } | { readonly refused: string };

/** Reads the coupon of a code. */
export type ReadCoupon = (code: string) => Promise<Coupon | undefined>;

/** Finds the coupon that a customer typed: any case, active, and now within its time. */
export async function findCoupon(read: ReadCoupon, typed: string, now: Date): Promise<CouponLookup> {
  const code = typed.trim().toUpperCase();
  // What cannot be a code is never asked for: a store need not take it as a key.
  const coupon = CODE.test(code) ? await read(code) : undefined;
  if (coupon === undefined || !coupon.active) return { refused: 'This coupon is not known.' };
  if (now < coupon.validFrom) return { refused: 'This coupon is not valid yet.' };
  if (now > coupon.validTo) return { refused: 'This coupon has expired.' };
  return { coupon };
}
