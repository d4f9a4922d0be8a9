/** Puts the shop together: the one place where its parts are chosen. */
import { randomBytes } from 'node:crypto';
import type { Cellar } from 'cellar';
import type { Preparer } from 'cellar/lambda';
import { openStore } from '#open-store';
import { makeShop, type Shop } from '../../shared/shop/shop.ts';
import type { ShopSettings } from '../shop-settings.ts';

export interface OpenShopOptions {
  readonly cellar: Cellar | Preparer;
  readonly shopSettings: ShopSettings;
}

/** Opens the shop on the client's broker. */
export async function openShop({ cellar, shopSettings }: OpenShopOptions): Promise<Shop> {
  return makeShop({
    store: await openStore(cellar, shopSettings),
    now: clockOf(cellar),
    newAccessToken: () => randomBytes(24).toString('base64url'),
    reminderSeconds: shopSettings.reminderSeconds,
  });
}

/** The client's time, as dates. */
export function clockOf({ runtime }: Pick<Cellar, 'runtime'>): () => Date {
  return () => new Date(runtime.clock.now());
}
