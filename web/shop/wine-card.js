/** A wine in a list. */
import { bottle } from './bottle.js';
import { addToCart } from './cart.js';
import { el } from './dom.js';
import { euro } from './money.js';

const COLOURS = { red: 'Red', white: 'White', rose: 'Rosé', sparkling: 'Sparkling', sweet: 'Sweet' };

export function colourName(wine) {
  return COLOURS[wine.colour];
}

export function winePath(wine) {
  return `/wine?id=${encodeURIComponent(wine.id)}`;
}

export function wineCard(wine) {
  return el(
    'li',
    { class: 'wine' },
    tinted(el('div', { class: 'wine-picture' }, bottle(wine)), wine),
    el(
      'div',
      { class: 'wine-text' },
      el('p', { class: 'eyebrow' }, `${wine.region}, ${wine.country}`),
      el('h3', {}, el('a', { href: winePath(wine), class: 'wine-link' }, wine.name)),
      el('p', { class: 'wine-maker' }, `${wine.winery}, ${wine.vintage}`),
      el('p', { class: 'wine-facts' }, `${colourName(wine)} · ${wine.grapes.join(', ')}`),
      el('div', { class: 'wine-buy' }, el('span', { class: 'price' }, euro(wine.priceCents)), addButton(wine)),
    ),
  );
}

export function addButton(wine) {
  const add = () => {
    addToCart(wine.id);
    toast(`${wine.name} is in your cart.`);
  };
  return el(
    'button',
    { type: 'button', class: 'button', 'aria-label': `Add ${wine.name} to cart`, onclick: add },
    'Add to cart',
  );
}

/** Lets the style sheet mix the wine's own colour into the picture. */
export function tinted(element, wine) {
  element.style.setProperty('--wine', wine.illustration);
  return element;
}

let hide;
function toast(text) {
  const box = document.querySelector('[data-toast]');
  box.replaceChildren(text, ' ', el('a', { href: '/checkout' }, 'Go to checkout'));
  box.classList.add('shown');
  clearTimeout(hide);
  hide = setTimeout(() => box.classList.remove('shown'), 5000);
}
