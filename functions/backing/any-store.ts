/** The shop's store on whatever the client's broker is: the one place where it is chosen. */
import type { Cellar } from 'cellar';
import type { ShopStore } from '../../shared/shop/store.ts';
import { openSqliteStore } from '../../shared/shop/stores/sqlite.ts';
import type { ShopSettings } from '../shop-settings.ts';

/**
 * Opens the store beside the broker, so that an order and its tasks are one commit.
 * @throws CellarError `not-supported` on a broker that is neither the application's database nor on AWS
 */
export async function openStore(cellar: Cellar, settings: ShopSettings): Promise<ShopStore> {
  if (settings.aws !== undefined) return (await import('./dynamo-store.ts')).openStore(cellar, settings);
  return openSqliteStore((work) => cellar.transaction(work));
}
