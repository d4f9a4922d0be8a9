/** The cart and the form that makes an order of it. */
import { call, wines } from './api.js';
import { emptyCart, readCart, showCartCount } from './cart.js';
import { cartLine, showSuggestions, showTotals } from './checkout-cart.js';
import { part } from './dom.js';

const FORM_KEYS = ['firstName', 'lastName', 'email', 'address', 'postalCode', 'city'];
const ATTEMPT = 'my-shop-attempt';
const form = part('form');
let catalogue = new Map();
let coupon;

function lines() {
  return [...readCart()].flatMap(([id, quantity]) => {
    const wine = catalogue.get(id);
    return wine === undefined ? [] : [{ wine, quantity }];
  });
}

function show() {
  const current = lines();
  part('empty').hidden = current.length > 0;
  part('checkout').hidden = current.length === 0;
  part('lines').replaceChildren(...current.map((line) => cartLine(line, show)));
  showTotals(current, coupon);
}

/** Which line a fault like that of `items.0.wineId` is about; another cart may have been sent by now, or none. */
function wineOf(field) {
  const line = lines()[/^items\.(\d+)\./.exec(field)?.[1]];
  return line === undefined ? '' : `${line.wine.name}: `;
}

function showErrors(fields) {
  for (const box of document.querySelectorAll('[data-error]')) {
    box.textContent = fields[box.dataset.error] ?? '';
    document
      .querySelector(`[aria-describedby="${box.id}"]`)
      ?.setAttribute('aria-invalid', String(box.textContent !== ''));
  }
  const shown = [...document.querySelectorAll('[data-error]')].map((box) => box.dataset.error);
  const others = Object.entries(fields).filter(([name]) => !shown.includes(name));
  part('form-error').textContent = others.map(([name, text]) => `${wineOf(name)}${text}`).join(' ');
  const first = document.querySelector('[aria-invalid="true"]') ?? part('form-error');
  if (Object.keys(fields).length > 0) first.focus();
}

async function applyCoupon() {
  const code = part('coupon').value.trim();
  coupon = undefined;
  let error = '';
  if (code !== '') {
    const { status, body } = await call(`/api/coupons/${encodeURIComponent(code)}`);
    if (status === 200) coupon = body;
    else error = status === 404 ? 'This coupon is not known.' : 'The shop cannot be reached. Please try again.';
  }
  const box = document.querySelector('[data-error="couponCode"]');
  box.textContent = error;
  part('coupon').setAttribute('aria-invalid', String(error !== ''));
  show();
}

/** One key for each thing asked: the same order sent twice (double click, lost answer) is one order. */
function attemptKey(body) {
  const kept = JSON.parse(sessionStorage.getItem(ATTEMPT) ?? '{}');
  if (kept.body === body) return kept.key;
  const key = crypto.randomUUID();
  sessionStorage.setItem(ATTEMPT, JSON.stringify({ body, key }));
  return key;
}

function request() {
  const customer = Object.fromEntries(FORM_KEYS.map((name) => [name, form.elements[name].value]));
  const items = lines().map(({ wine, quantity }) => ({ wineId: wine.id, quantity }));
  const couponCode = part('coupon').value.trim();
  return JSON.stringify(couponCode === '' ? { customer, items } : { customer, items, couponCode });
}

async function placeOrder(event) {
  event.preventDefault();
  const button = part('submit');
  if (button.getAttribute('aria-disabled') === 'true') return;
  button.setAttribute('aria-disabled', 'true');
  showErrors({});
  const body = request();
  const answer = await call('/api/orders', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': attemptKey(body) },
    body,
  });
  button.removeAttribute('aria-disabled');
  if (answer.status !== 201) {
    const text = answer.body.error?.message ?? 'The shop cannot be reached. Your order was kept; please try again.';
    showErrors(answer.body.error?.fields ?? { form: text });
    return;
  }
  sessionStorage.removeItem(ATTEMPT);
  sessionStorage.setItem(`my-shop-order-${answer.body.id}`, answer.body.accessToken);
  emptyCart();
  location.assign(answer.body.payAt ?? `/success?order=${answer.body.id}`);
}

showCartCount();
catalogue = await wines();
form.addEventListener('submit', placeOrder);
part('apply').addEventListener('click', applyCoupon);
part('coupon').addEventListener('keydown', (event) => {
  if (event.key === 'Enter') applyCoupon();
});
show();
showSuggestions(lines(), show);
