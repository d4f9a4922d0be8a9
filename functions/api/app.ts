/** The shop's HTTP API, as a Hono app: the same behind Lambda and on this machine. */
import { CellarError, type Logger } from 'cellar';
import { Hono } from 'hono';
import type { Shop } from '../../shared/shop/shop.ts';
import { refuse } from './refusal.ts';
import { orderRoutes } from './routes/orders.ts';
import { paymentRoutes } from './routes/payments.ts';
import { wineRoutes } from './routes/wines.ts';

export interface ApiOptions {
  readonly shop: Shop;
  /** Secret of the payment provider's signatures. */
  readonly webhookSecret: string;
  readonly now: () => Date;
  readonly log: Logger;
  /** The page where an order is paid. @default none: the provider asks the customer by itself */
  readonly payAt?: (orderId: number) => string;
}

/**
 * Makes the API: `GET /api/wines`, `GET /api/wines/{id}`, `GET /api/recommendations?wines=`, `GET /api/coupons/{code}`,
 * `POST /api/orders`, `GET /api/orders/{id}`, `POST /api/payments/webhook`.
 */
export function makeApi({ shop, webhookSecret, now, log, payAt }: ApiOptions): Hono {
  const api = new Hono().basePath('/api');
  api.route('/', wineRoutes(shop));
  api.route('/', orderRoutes({ shop, payAt }));
  api.route('/', paymentRoutes({ shop, secret: webhookSecret, now }));
  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    context.header('X-Content-Type-Options', 'nosniff');
  });
  app.route('/', api);
  app.all('/api/*', (context) =>
    refuse(context, { status: 404, code: 'not-found', message: 'There is nothing at this address.' }),
  );
  app.notFound((context) =>
    refuse(context, { status: 404, code: 'not-found', message: 'There is nothing at this address.' }),
  );
  app.onError((error, context) => {
    log.error(`request failed: ${error.message}`, { method: context.req.method, path: context.req.path });
    return isPassing(error)
      ? refuse(context, {
          status: 503,
          code: 'unavailable',
          message: 'The shop cannot take this right now; nothing was lost, please try again.',
          headers: { 'Retry-After': '2' },
        })
      : refuse(context, { status: 500, code: 'internal', message: 'Something went wrong on our side.' });
  });
  return app;
}

/** Whether the same request may work a little later. */
function isPassing(error: unknown): boolean {
  return error instanceof CellarError && (error.code === 'broker-unavailable' || error.code === 'store-unavailable');
}
