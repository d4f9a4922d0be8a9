/** The stand-in for the payment provider: shows what is to pay, and tells the shop's webhook as a provider would. */
import { Hono } from 'hono';
import { html } from 'hono/html';
import { euroText } from '../../../shared/shop/money.ts';
import { type Order, orderNumber, totalsOf } from '../../../shared/shop/order.ts';
import { signPayment } from '../../../shared/shop/payment-signature.ts';
import type { Shop } from '../../../shared/shop/shop.ts';
import { orderIdOf } from '../order-id.ts';
import { layout, messagePage } from './layout.ts';

export interface PaymentPageOptions {
  readonly shop: Shop;
  readonly webhookSecret: string;
  readonly now: () => Date;
  readonly postEvent: (body: string, signature: string) => Response | Promise<Response>;
}

/** `GET /pay/{orderId}` with two buttons; `POST /pay/{orderId}` with `action=pay` or `action=cancel`. */
export function paymentPage({ shop, webhookSecret, now, postEvent }: PaymentPageOptions): Hono {
  const routes = new Hono();
  const orderOf = async (text: string) => {
    const id = orderIdOf(text);
    return id === undefined ? undefined : shop.order(id);
  };
  routes.get('/pay/:orderId', async (context) => {
    const order = await orderOf(context.req.param('orderId'));
    return order === undefined ? context.html(messagePage('There is no such order'), 404) : context.html(page(order));
  });
  routes.post('/pay/:orderId', async (context) => {
    // A page of another site must not press the buttons.
    const site = context.req.header('sec-fetch-site') ?? 'none';
    if (site !== 'same-origin' && site !== 'none') return context.html(messagePage('This came from another site'), 403);
    const order = await orderOf(context.req.param('orderId'));
    if (order === undefined) return context.html(messagePage('There is no such order'), 404);
    if ((await context.req.parseBody()).action === 'cancel') {
      await shop.cancel(order.id);
      return context.redirect(`/cancelled?order=${order.id}`, 303);
    }
    const body = paidEvent(order);
    const nowSeconds = Math.floor(now().getTime() / 1000);
    const answer = await postEvent(body, signPayment(body, { secret: webhookSecret, nowSeconds }));
    if (answer.ok) return context.redirect(`/success?order=${order.id}`, 303);
    return context.html(messagePage('The shop did not take the payment'), 502);
  });
  return routes;
}

/** The event of a paid checkout. The session's id comes from the order, so that pressing twice is one payment. */
function paidEvent(order: Order): string {
  return JSON.stringify({
    id: `evt_local_${order.id}`,
    type: 'checkout.session.completed',
    data: {
      object: {
        id: `cs_local_${order.id}`,
        object: 'checkout.session',
        mode: 'payment',
        payment_status: 'paid',
        amount_total: totalsOf(order).totalCents,
        currency: order.currency.toLowerCase(),
        client_reference_id: String(order.id),
      },
    },
  });
}

function page(order: Order) {
  const { subtotalCents, discountCents, totalCents } = totalsOf(order);
  const body = html`<section class="card narrow pay">
    <p class="eyebrow">Payment provider, played by the shop</p>
    <h1>Pay order ${orderNumber(order)}</h1>
    <ul class="lines">
      ${order.lines.map((line) => html`<li><span>${line.quantity} × ${line.title}</span><span>${euroText(line.priceCents * line.quantity)}</span></li>`)}
      ${order.coupon === undefined ? '' : html`<li><span>Subtotal</span><span>${euroText(subtotalCents)}</span></li><li><span>Coupon ${order.coupon.code}, ${order.coupon.percent}% off</span><span>${euroText(-discountCents)}</span></li>`}
      <li class="sum"><span>Total</span><span>${euroText(totalCents)}</span></li>
    </ul>
    ${order.status === 'paid' ? html`<p>This order is paid. <a href="/success?order=${order.id}">See the order</a></p>` : buttons(order)}
  </section>`;
  return layout({ title: `Pay order ${orderNumber(order)}`, body });
}

function buttons(order: Order) {
  return html`<form method="post" action="/pay/${order.id}" class="pay-buttons">
      <button class="button" name="action" value="pay">Pay ${euroText(totalsOf(order).totalCents)}</button>
      <button class="button quiet" name="action" value="cancel">Cancel</button>
    </form>`;
}
