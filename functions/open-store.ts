/** The shop's store on whatever the client's broker is. */
import type { Cellar } from 'cellar';
import type { ShopStore } from '../shared/shop/store.ts';
import { openSqliteStore } from '../shared/shop/stores/sqlite.ts';

/**
 * Opens the store beside the broker, so that an order and its tasks are one commit.
 * @throws CellarError `not-supported` on a broker that is not the application's database
 */
export function openStore(cellar: Cellar): Promise<ShopStore> {
  return openSqliteStore((work) => cellar.transaction(work));
}
