/** The list of wines with its filters. */
import { wines } from './api.js';
import { showCartCount } from './cart.js';
import { el, part } from './dom.js';
import { wineCard } from './wine-card.js';

const ORDERS = {
  list: () => 0,
  cheap: (a, b) => a.priceCents - b.priceCents,
  dear: (a, b) => b.priceCents - a.priceCents,
  old: (a, b) => a.vintage - b.vintage,
};

/** Without accents and case: `chateau` finds `Château`. */
function plain(text) {
  return text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();
}

function textOf(wine) {
  return plain(
    [wine.name, wine.winery, wine.region, wine.country, wine.vintage, wine.description, ...wine.grapes].join(' '),
  );
}

showCartCount();
const list = [...(await wines()).values()].map((wine) => ({ wine, text: textOf(wine), card: wineCard(wine) }));
const filters = part('filters');
for (const country of [...new Set(list.map(({ wine }) => wine.country))].sort()) {
  filters.elements.country.append(el('option', { value: country }, country));
}

function show() {
  const { text, colour, country, sort } = Object.fromEntries(new FormData(filters));
  const words = plain(text).split(/\s+/);
  const found = list
    .filter(({ wine }) => (colour === '' || wine.colour === colour) && (country === '' || wine.country === country))
    .filter((entry) => words.every((word) => entry.text.includes(word)))
    .sort((a, b) => ORDERS[sort](a.wine, b.wine));
  part('wines').replaceChildren(...found.map(({ card }) => card));
  part('count').textContent = found.length === 1 ? '1 wine' : `${found.length} wines`;
  if (list.length === 0) part('count').textContent = 'The shop cannot be reached. Please load the page again.';
  else if (found.length === 0) part('count').textContent = 'No wine fits. Try fewer words.';
}

filters.addEventListener('input', show);
filters.addEventListener('submit', (event) => event.preventDefault());
show();
