/** Opens the API of a Lambda function from its environment. */
import { loadSettings } from 'cellar';
import { openPreparer } from 'cellar/lambda';
import type { Hono } from 'hono';
import { shopTopology } from '../../shared/shop/topology.ts';
import { awsCalls } from '../backing/aws-calls.ts';
import { readSecret } from '../backing/read-secret.ts';
import type { Environment } from '../lambda-handler.ts';
import { loadShopSettings, placesOnAws } from '../shop-settings.ts';
import { type ApiOptions, makeApi } from './app.ts';
import { clockOf, openShop } from './open-shop.ts';

/**
 * Opens the API, with what `make` makes of its parts.
 * @throws CellarError `bad-settings`; `not-supported` for a broker that is not on AWS
 */
export async function openApi(environment: Environment, make: (options: ApiOptions) => Hono = makeApi): Promise<Hono> {
  const settings = loadSettings(environment);
  const shopSettings = loadShopSettings(environment, settings);
  const cellar = openPreparer({ settings, topology: shopTopology });
  const calls = awsCalls(cellar); // may throw: before anything else has begun
  const [shop, webhookSecret] = await Promise.all([
    openShop({ cellar, shopSettings }),
    readSecret(calls, placesOnAws(shopSettings).webhookSecretId),
  ]);
  return make({ shop, webhookSecret, now: clockOf(cellar), log: cellar.log });
}
