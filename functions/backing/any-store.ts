/** The shop's store on whatever the client's broker is: the one place where it is chosen. */
import { type Cellar, CellarError } from 'cellar';
import type { Preparer } from 'cellar/lambda';
import { seedProducts } from '../../shared/shop/seed.ts';
import type { ShopStore } from '../../shared/shop/store.ts';
import { openSqliteStore } from '../../shared/shop/stores/sqlite.ts';
import type { ShopSettings } from '../shop-settings.ts';

/**
 * Opens the store beside the broker, so that an order and its tasks are one commit. A database without products gets the
 * first ones; on AWS the deployment does that.
 * @throws CellarError `not-supported` on a broker that is neither the application's database nor on AWS
 */
export async function openStore(cellar: Preparer | Cellar, settings: Pick<ShopSettings, 'aws'>): Promise<ShopStore> {
  if (settings.aws !== undefined) return (await import('./dynamo-store.ts')).openStore(cellar, settings);
  if (!('transaction' in cellar)) {
    throw new CellarError('not-supported', `the broker is ${cellar.settings.brokerUrl}, allowed: embedded:, sqs:`);
  }
  const store = await openSqliteStore((work) => cellar.transaction(work));
  await store.addMissing(seedProducts());
  return store;
}
