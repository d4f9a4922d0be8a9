/** Opens the API of a Lambda function from its environment. */
import { type Cellar, CellarError, loadSettings } from 'cellar';
import { openClient } from 'cellar/lambda';
import type { Hono } from 'hono';
import { shopTopology } from '../../shared/shop/topology.ts';
import { awsCalls } from '../backing/aws-calls.ts';
import { readSecret } from '../backing/read-secret.ts';
import type { Environment } from '../lambda-handler.ts';
import { loadShopSettings, type ShopSettings } from '../shop-settings.ts';
import { type ApiOptions, makeApi } from './app.ts';
import { clockOf, openShop } from './open-shop.ts';

/**
 * Opens the API, with what `make` makes of its parts.
 * @throws CellarError `bad-settings`, among them a secret of the payment provider that is not set
 */
export async function openApi(environment: Environment, make: (options: ApiOptions) => Hono = makeApi): Promise<Hono> {
  const settings = loadSettings(environment);
  const shopSettings = loadShopSettings(environment, settings);
  const cellar = await openClient({ settings, topology: shopTopology });
  const [shop, webhookSecret] = await Promise.all([
    openShop({ cellar, shopSettings }),
    readWebhookSecret(cellar, shopSettings),
  ]);
  return make({ shop, webhookSecret, now: clockOf(cellar), log: cellar.log });
}

async function readWebhookSecret(cellar: Cellar, { aws, webhookSecret }: ShopSettings): Promise<string> {
  if (aws !== undefined) return readSecret(awsCalls(cellar), aws.webhookSecretId);
  if (webhookSecret !== undefined) return webhookSecret;
  throw new CellarError('bad-settings', 'SHOP_WEBHOOK_SECRET is not set');
}
