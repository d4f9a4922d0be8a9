/** What the shop sells when it opens: the first rows of its store. From then on the store is right, not these files. */
import * as z from 'zod/mini';
import { couponSchema } from './coupon.ts';
import coupons from './coupons.json' with { type: 'json' };
import type { Products } from './product-store.ts';
import { wineSchema } from './wine.ts';
import wines from './wines.json' with { type: 'json' };

/**
 * Reads products as JSON has them.
 * @throws ZodError where an entry of the data does not fit
 */
export function seedProducts(
  data: { readonly wines: unknown; readonly coupons: unknown } = { wines, coupons },
): Products {
  return { wines: z.array(wineSchema).parse(data.wines), coupons: z.array(couponSchema).parse(data.coupons) };
}
