/** One wine, with what others bought beside it. */
import { call } from './api.js';
import { bottle } from './bottle.js';
import { showCartCount } from './cart.js';
import { el, part } from './dom.js';
import { euro } from './money.js';
import { addButton, colourName, tinted, wineCard } from './wine-card.js';

function facts(wine) {
  const rows = [
    ['Winery', wine.winery],
    ['Region', `${wine.region}, ${wine.country}`],
    ['Grapes', wine.grapes.join(', ')],
    ['Vintage', String(wine.vintage)],
    ['Style', colourName(wine)],
  ];
  return el('dl', { class: 'facts' }, ...rows.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)]));
}

showCartCount();
const id = new URLSearchParams(location.search).get('id') ?? '';
const { status, body: wine } = await call(`/api/wines/${encodeURIComponent(id)}`);
const box = part('wine');
box.removeAttribute('aria-busy');
if (status === 200) {
  document.title = `${wine.name} · My Shop`;
  box.append(
    tinted(el('div', { class: 'wine-picture large' }, bottle(wine)), wine),
    el(
      'div',
      {},
      el('p', { class: 'eyebrow' }, `${wine.region}, ${wine.country}`),
      el('h1', {}, wine.name),
      el('p', { class: 'lead' }, wine.description),
      facts(wine),
      el('p', { class: 'wine-buy' }, el('span', { class: 'price' }, euro(wine.priceCents)), addButton(wine)),
    ),
  );
  part('together').hidden = wine.boughtTogether.length === 0;
  part('together-wines').append(...wine.boughtTogether.map(wineCard));
} else {
  box.append(el('div', {}, el('h1', {}, status === 404 ? 'There is no such wine' : 'The shop cannot be reached')));
}
