/** The API with a payment provider that it plays itself. */
import type { Hono } from 'hono';
import { type ApiOptions, makeApi } from './app.ts';
import { paymentPage } from './pages/payment.ts';
import { securityHeaders } from './pages/security-headers.ts';

/** Makes the API and `/pay/{orderId}`, which tells the API's own webhook; orders say where they are paid. */
export function makeDemoApi(options: ApiOptions): Hono {
  const app = makeApi({ ...options, payAt: (orderId) => `/pay/${orderId}` });
  const postEvent = (body: string, signature: string) =>
    app.request('/api/payments/webhook', { method: 'POST', body, headers: { 'Stripe-Signature': signature } });
  // After the API's routes, which answer before this.
  app.use(securityHeaders);
  app.route('/', paymentPage({ ...options, postEvent }));
  return app;
}
