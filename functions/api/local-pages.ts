/** Pages that are mounted on this machine only: the shop's static pages, the payment provider's page, the mailbox. */
import { fileURLToPath } from 'node:url';
import type { Hono } from 'hono';
import type { Mailbox } from '../../shared/shop/mailbox.ts';
import type { Shop } from '../../shared/shop/shop.ts';
import { messagePage } from './pages/layout.ts';
import { mailboxRoutes } from './pages/mailbox.ts';
import { paymentPage } from './pages/payment.ts';
import { securityHeaders } from './pages/security-headers.ts';
import { staticPages } from './pages/static-pages.ts';
import { notFound } from './refusal.ts';

export interface LocalPagesOptions {
  readonly shop: Shop;
  /** With which the stand-in for the provider signs. */
  readonly webhookSecret: string;
  readonly now: () => Date;
  readonly mailbox: Mailbox;
}

const WEB_FOLDER = fileURLToPath(new URL('../../web/shop/', import.meta.url));

/** Adds the pages to the API's app, whose webhook the payment page posts to. */
export async function addLocalPages(
  app: Hono,
  { shop, webhookSecret, now, mailbox }: LocalPagesOptions,
): Promise<void> {
  const pages = await staticPages(WEB_FOLDER);
  const postEvent = (body: string, signature: string) =>
    app.request('/api/payments/webhook', { method: 'POST', body, headers: { 'Stripe-Signature': signature } });
  // After the API's routes, which answer before this: all pages and the page that is not there.
  app.use(securityHeaders);
  app.route('/', paymentPage({ shop, webhookSecret, now, postEvent }));
  app.route('/', mailboxRoutes(mailbox));
  app.route('/', pages);
  app.notFound((context) =>
    (context.req.header('accept') ?? '').includes('text/html')
      ? context.html(messagePage('There is no such page'), 404)
      : notFound(context, 'page'),
  );
}
