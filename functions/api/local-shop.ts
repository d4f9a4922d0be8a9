/** The shop on this machine: the API, and beside it what other parties do elsewhere (pages, payment provider, mailbox). */
import type { Cellar } from 'cellar';
import type { Hono } from 'hono';
import { openMailbox } from '../../shared/shop/mailbox.ts';
import type { ShopSettings } from '../shop-settings.ts';
import { makeDemoApi } from './demo-api.ts';
import { addLocalPages } from './local-pages.ts';
import { clockOf, openShop } from './open-shop.ts';
import { webhookSecret } from './webhook-secret.ts';

export interface LocalShopOptions {
  readonly cellar: Cellar;
  readonly shopSettings: ShopSettings;
}

/** Opens API and pages; the webhook's secret is made at the first start unless it is set. */
export async function openLocalShop({ cellar, shopSettings }: LocalShopOptions): Promise<Hono> {
  const shop = await openShop({ cellar, shopSettings });
  const secret = shopSettings.webhookSecret ?? (await webhookSecret(shopSettings.secretFile));
  const app = makeDemoApi({ shop, webhookSecret: secret, now: clockOf(cellar), log: cellar.log });
  addLocalPages(app, openMailbox(shopSettings.mailboxFolder));
  return app;
}
