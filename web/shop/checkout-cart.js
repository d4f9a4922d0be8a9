/** The cart's side of the checkout page. */
import { call } from './api.js';
import { addToCart, MAX_QUANTITY, setQuantity } from './cart.js';
import { el, part } from './dom.js';
import { euro, percentOf } from './money.js';
import { winePath } from './wine-card.js';

/** One line with its quantity; `changed` is called after a change. */
export function cartLine({ wine, quantity }, changed) {
  const set = (value) => {
    setQuantity(wine.id, value);
    changed();
    document.querySelector(`[data-quantity="${wine.id}"]`)?.focus();
  };
  const input = el('input', {
    type: 'number',
    min: 1,
    max: MAX_QUANTITY,
    value: quantity,
    inputmode: 'numeric',
    'aria-label': `Bottles of ${wine.name}`,
    'data-quantity': wine.id,
    onchange: (event) => {
      const value = event.target.valueAsNumber;
      set(Number.isInteger(value) && value >= 1 ? value : quantity);
    },
  });
  return el(
    'li',
    {},
    el(
      'div',
      { class: 'cart-name' },
      el('a', { href: winePath(wine) }, wine.name),
      el('span', { class: 'muted' }, `${wine.winery}, ${wine.vintage} · ${euro(wine.priceCents)}`),
    ),
    input,
    el('span', { class: 'cart-cost' }, euro(wine.priceCents * quantity)),
    el(
      'button',
      { type: 'button', class: 'link', 'aria-label': `Remove ${wine.name}`, onclick: () => set(0) },
      'Remove',
    ),
  );
}

/** Subtotal, coupon and total. */
export function showTotals(lines, coupon) {
  const subtotal = lines.reduce((sum, { wine, quantity }) => sum + wine.priceCents * quantity, 0);
  const discount = coupon === undefined ? 0 : percentOf(subtotal, coupon.percent);
  const rows = [['Total', euro(subtotal - discount)]];
  if (coupon !== undefined) {
    rows.unshift(['Subtotal', euro(subtotal)], [`Coupon ${coupon.code}, ${coupon.percent}% off`, euro(-discount)]);
  }
  part('totals').replaceChildren(...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

/** What others bought with what is in the cart. */
export async function showSuggestions(lines, changed) {
  if (lines.length === 0) return;
  const ids = lines.map(({ wine }) => wine.id).join(',');
  const { body } = await call(`/api/recommendations?wines=${encodeURIComponent(ids)}`);
  const suggested = Array.isArray(body) ? body : [];
  part('suggested').hidden = suggested.length === 0;
  part('suggested-wines').replaceChildren(...suggested.map((wine) => suggestion(wine, changed)));
}

function suggestion(wine, changed) {
  const add = (event) => {
    addToCart(wine.id);
    event.target.closest('li').remove();
    changed();
  };
  return el(
    'li',
    {},
    el('a', { href: winePath(wine) }, wine.name),
    el('span', { class: 'muted' }, euro(wine.priceCents)),
    el('button', { type: 'button', class: 'link', 'aria-label': `Add ${wine.name} to cart`, onclick: add }, 'Add'),
  );
}
