/** After the payment: waits until the shop has heard of it. */
import { call } from './api.js';
import { showCartCount } from './cart.js';
import { el, part } from './dom.js';
import { euro } from './money.js';

/** About half a minute in all. */
const TRIES = 30;
const PAUSE_MS = 1000;

async function look(id, token) {
  const { status, body } = await call(
    `/api/orders/${id}`,
    token === null ? {} : { headers: { Authorization: `Bearer ${token}` } },
  );
  return status === 200 ? body : undefined;
}

function show(order) {
  part('number').textContent = `Order ${order.number}`;
  const rows = [['Total', euro(order.total)]];
  if (order.customer !== undefined) rows.push(['Mail to', order.customer.email]);
  if (order.invoiceNumber) rows.push(['Invoice', `no. ${order.invoiceNumber}`]);
  part('facts').replaceChildren(...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
  if (order.status === 'paid')
    part('state').textContent = 'Your payment has arrived. Confirmation and invoice are on their way to you.';
}

showCartCount();
const id = new URLSearchParams(location.search).get('order') ?? '';
const token = sessionStorage.getItem(`my-shop-order-${id}`);
for (let tries = 0; tries < TRIES; tries++) {
  const order = await look(encodeURIComponent(id), token);
  if (order !== undefined) show(order);
  if (order?.status === 'paid' && (order.invoiceNumber !== null || token === null)) break;
  await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
}
