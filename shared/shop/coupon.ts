/** Coupons: a percentage off the whole order. */
import * as z from 'zod/mini';
import coupons from './coupons.json' with { type: 'json' };

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

const couponSchema = z.strictObject({
  code: z.string().check(z.regex(/^[A-Z0-9]{3,50}$/)),
  percent: z.int().check(z.gte(1), z.lte(100)),
  active: z.boolean(),
  validFrom: z.pipe(
    z.iso.datetime(),
    z.transform((text) => new Date(text)),
  ),
  validTo: z.pipe(
    z.iso.datetime(),
    z.transform((text) => new Date(text)),
  ),
});

export type CouponLookup = { readonly coupon: Coupon } | { readonly refused: string };

/**
 * Finds the coupon that a customer typed: any case, active, and now within its time.
 *
 * A refusal is one sentence for the customer.
 */
export type FindCoupon = (code: string, now: Date) => CouponLookup;

/**
 * Reads the coupons.
 *
 * @throws ZodError where an entry of the data does not fit
 */
export function openCoupons(data: unknown = coupons): FindCoupon {
  const list: readonly Coupon[] = z.array(couponSchema).parse(data);
  const byCode = new Map(list.map((coupon) => [coupon.code, coupon]));
  return (code, now) => {
    const coupon = byCode.get(code.trim().toUpperCase());
    if (coupon === undefined || !coupon.active) return { refused: 'This coupon is not known.' };
    if (now < coupon.validFrom) return { refused: 'This coupon is not valid yet.' };
    if (now > coupon.validTo) return { refused: 'This coupon has expired.' };
    return { coupon };
  };
}
