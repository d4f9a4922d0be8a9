/** What the payment provider tells: Stripe's `checkout.session.completed`, signed. */
import { type Context, Hono } from 'hono';
import * as z from 'zod/mini';
import { signatureFault } from '../../../shared/shop/payment-signature.ts';
import type { Shop } from '../../../shared/shop/shop.ts';
import { onlyMethods } from '../only-methods.ts';
import { orderIdOf } from '../order-id.ts';
import { notFound, refuse } from '../refusal.ts';
import { limitedBody, parseJson } from '../request-body.ts';

export interface PaymentOptions {
  readonly shop: Shop;
  /** Secret of the signatures. */
  readonly secret: string;
  readonly now: () => Date;
}

const PAID_EVENT = 'checkout.session.completed';

const event = z.object({ type: z.string() });
const sessionEvent = z.object({
  data: z.object({
    object: z.object({
      id: z.string().check(z.minLength(1), z.maxLength(255)),
      mode: z.optional(z.string()),
      payment_status: z.optional(z.string()),
      client_reference_id: z.optional(z.nullable(z.string())),
    }),
  }),
});

export function paymentRoutes(options: PaymentOptions): Hono {
  const routes = new Hono();
  routes.post('/payments/webhook', limitedBody, (context) => takeEvent(context, options));
  onlyMethods(routes, { '/payments/webhook': 'POST' });
  return routes;
}

async function takeEvent(context: Context, { shop, secret, now }: PaymentOptions): Promise<Response> {
  const body = await context.req.text();
  const nowSeconds = Math.floor(now().getTime() / 1000);
  const fault = signatureFault(context.req.header('stripe-signature'), body, { secret, nowSeconds });
  if (fault !== undefined) return refuse(context, { status: 400, code: 'bad-signature', message: fault });
  const data = parseJson(body);
  const named = event.safeParse(data);
  if (!named.success) return badEvent(context);
  if (named.data.type !== PAID_EVENT) return received(context);
  const parsed = sessionEvent.safeParse(data);
  if (!parsed.success) return badEvent(context);
  const session = parsed.data.data.object;
  if (session.mode !== 'payment' || session.payment_status !== 'paid') return received(context);
  const orderId = orderIdOf(session.client_reference_id ?? undefined);
  const outcome = orderId === undefined ? 'unknown-order' : await shop.pay(orderId, session.id);
  return outcome === 'unknown-order' ? notFound(context, 'order') : received(context);
}

function received(context: Context): Response {
  return context.json({ received: true });
}

function badEvent(context: Context): Response {
  return refuse(context, { status: 400, code: 'bad-event', message: 'The body is not a payment event.' });
}
