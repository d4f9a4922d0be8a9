/** The API's Lambda function: API Gateway's HTTP API events (payload 2.0) in, answers out. */
import process from 'node:process';
import { Cellar, CellarError, loadSettings } from 'cellar';
import type { Hono } from 'hono';
import { handle, type LambdaContext, type LambdaEvent } from 'hono/aws-lambda';
import { shopTopology } from '../../shared/shop/topology.ts';
import { loadShopSettings } from '../shop-settings.ts';
import { makeApi } from './app.ts';
import { clockOf, openShop } from './open-shop.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Opens the API from the environment.
 * @throws CellarError `bad-settings`, among them a missing SHOP_WEBHOOK_SECRET
 */
export async function openApi(environment: Environment): Promise<Hono> {
  const settings = loadSettings(environment);
  const shopSettings = loadShopSettings(environment, settings);
  const { webhookSecret } = shopSettings;
  if (webhookSecret === undefined) throw new CellarError('bad-settings', 'SHOP_WEBHOOK_SECRET is not set');
  const cellar = await Cellar.open({ settings, topology: shopTopology });
  const shop = await openShop({ cellar, shopSettings });
  return makeApi({ shop, webhookSecret, now: clockOf(cellar), log: cellar.log });
}

/** Makes a Lambda handler whose app is opened at the first event, and again after a failure to open. */
export function lambdaHandler(open: () => Promise<Hono>) {
  let opened: Promise<ReturnType<typeof handle>> | undefined;
  return async (event: LambdaEvent, context?: LambdaContext) => {
    opened ??= open()
      .then(handle)
      .catch((error: unknown) => {
        opened = undefined;
        throw error;
      });
    return (await opened)(event, context);
  };
}

export const handler = lambdaHandler(() => openApi(process.env));
