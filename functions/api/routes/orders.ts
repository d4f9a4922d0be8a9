/** Placing an order and looking at it. */
import { timingSafeEqual } from 'node:crypto';
import { type Context, Hono } from 'hono';
import { parseOrderRequest } from '../../../shared/shop/order-request.ts';
import type { Shop } from '../../../shared/shop/shop.ts';
import { onlyMethods } from '../only-methods.ts';
import { orderIdOf } from '../order-id.ts';
import { fullView, publicView, receiptView } from '../order-view.ts';
import { notFound, refuse } from '../refusal.ts';
import { jsonOnly, limitedBody, parseJson } from '../request-body.ts';

/** What a key may be: 1 to 255 visible ASCII characters. */
const KEY = /^[\x21-\x7e]{1,255}$/;

export interface OrderRoutesOptions {
  readonly shop: Shop;
  /** The page where an order is paid, if the shop has one. */
  readonly payAt?: ((orderId: number) => string) | undefined;
}

export function orderRoutes({ shop, payAt }: OrderRoutesOptions): Hono {
  const routes = new Hono();
  routes.post('/orders', jsonOnly, limitedBody, (context) => placeOrder(context, { shop, payAt }));
  routes.get('/orders/:id', (context) => showOrder(context, shop));
  onlyMethods(routes, { '/orders': 'POST', '/orders/:id': 'GET' });
  return routes;
}

async function placeOrder(context: Context, { shop, payAt }: OrderRoutesOptions): Promise<Response> {
  const key = context.req.header('idempotency-key') ?? '';
  if (!KEY.test(key)) {
    return refuse(context, {
      status: 400,
      code: 'bad-idempotency-key',
      message: 'The header Idempotency-Key must be 1 to 255 visible ASCII characters.',
    });
  }
  const body = parseJson(await context.req.text());
  if (body === undefined) return refuse(context, { status: 400, code: 'bad-json', message: 'The body is not JSON.' });
  const parsed = parseOrderRequest(body);
  if ('fields' in parsed) return invalid(context, parsed.fields);
  const outcome = await shop.placeOrder(parsed.request, key);
  switch (outcome.kind) {
    case 'refused':
      return invalid(context, outcome.fields);
    case 'key-taken':
      return refuse(context, {
        status: 422,
        code: 'idempotency-key-taken',
        message: 'This Idempotency-Key was used for another order.',
      });
    case 'placed':
    case 'replayed':
      if (outcome.kind === 'replayed') context.header('Idempotent-Replayed', 'true');
      context.header('Location', `/api/orders/${outcome.order.id}`);
      context.header('Cache-Control', 'no-store');
      return context.json({ ...receiptView(outcome.order), payAt: payAt?.(outcome.order.id) ?? null }, 201);
  }
}

function invalid(context: Context, fields: Readonly<Record<string, string>>): Response {
  return refuse(context, { status: 422, code: 'invalid', message: 'Some fields are not right.', fields });
}

/**
 * Anyone may see how far an order is, as ids can be guessed; the customer's data and the lines need the access token
 * that came with the 201, as `Authorization: Bearer <token>`.
 */
async function showOrder(context: Context, shop: Shop): Promise<Response> {
  const id = orderIdOf(context.req.param('id'));
  const order = id === undefined ? undefined : await shop.order(id);
  if (order === undefined) return notFound(context, 'order');
  context.header('Cache-Control', 'no-store');
  const authorization = context.req.header('authorization');
  if (authorization === undefined) return context.json(publicView(order));
  if (sameText(authorization, `Bearer ${order.accessToken}`)) return context.json(fullView(order));
  return refuse(context, { status: 403, code: 'forbidden', message: 'This access token does not open this order.' });
}

function sameText(given: string, wanted: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}
