/**
 * The Lambda function that puts the first wines and coupons, which it carries with it, into the shop's table, at each
 * deployment that brings new ones. A row that is there stays as it is, so that nothing is lost that staff changed.
 */
import { seedProducts } from '../../shared/shop/seed.ts';
import { addMissing } from '../../shared/shop/stores/dynamo/products.ts';
import { customResource } from '../custom-resource.ts';

export const handler = customResource<{ readonly table: string }>({
  idOf: ({ table }) => `products-of-${table}`,
  async apply({ table }, calls) {
    await addMissing({ calls, table }, seedProducts());
  },
});
