/** A drawing of a wine's bottle: its shape by where it comes from, its glass and capsule by its colour. */
import { svg } from './dom.js';

/** Outlines in a box of 80 × 240: neck at the top, centre at 40. */
const SHAPES = {
  bordeaux: 'M33 12h14v56c0 8 15 10 15 28v126c0 5-3 8-8 8H26c-5 0-8-3-8-8V96c0-18 15-20 15-28z',
  burgundy: 'M33 12h14v50c0 18 17 30 17 58v102c0 5-3 8-8 8H24c-5 0-8-3-8-8V120c0-28 17-40 17-58z',
  flute: 'M34 12h12v58c0 22 12 36 12 62v90c0 5-3 8-7 8H29c-4 0-7-3-7-8v-90c0-26 12-40 12-62z',
  champagne: 'M32 16h16v44c0 18 18 30 18 58v102c0 6-4 10-9 10H23c-5 0-9-4-9-10V118c0-28 18-40 18-58z',
};

const GLASS = { red: '#2a2f24', white: '#8d9a5b', rose: '', sparkling: '#2f4230', sweet: '#b07a26' };

function shapeOf({ colour, region, grapes }) {
  if (colour === 'sparkling') return 'champagne';
  if (grapes.includes('Riesling') || grapes.includes('Grüner Veltliner')) return 'flute';
  const sloped = ['Burgundy', 'Rhône', 'Loire', 'Ahr', 'Piedmont', 'Sicily'];
  return sloped.includes(region) ? 'burgundy' : 'bordeaux';
}

/** Decoration only: hidden from assistive technology. */
export function bottle(wine) {
  const shape = shapeOf(wine);
  const outline = SHAPES[shape];
  const glass = GLASS[wine.colour] || wine.illustration;
  const foil = wine.colour === 'sparkling' ? '#c2a35a' : wine.illustration;
  return svg(
    'svg',
    { viewBox: '0 0 80 240', class: 'bottle', 'aria-hidden': 'true', focusable: 'false' },
    svg('ellipse', { cx: 40, cy: 231, rx: 30, ry: 4, class: 'bottle-shadow' }),
    svg('path', { d: outline, fill: glass }),
    svg('rect', { x: 32, y: 8, width: 16, height: shape === 'champagne' ? 52 : 38, rx: 2.5, fill: foil }),
    svg('rect', { x: 31.5, y: 14, width: 17, height: 2.5, rx: 1, fill: '#000', opacity: 0.18 }),
    svg('rect', { x: 19, y: 132, width: 42, height: 66, rx: 1.5, fill: '#f8f1e4' }),
    svg('rect', { x: 19, y: 140, width: 42, height: 3, fill: wine.illustration }),
    svg('rect', { x: 26, y: 152, width: 28, height: 2.4, fill: '#4a3d36' }),
    svg('rect', { x: 29, y: 158, width: 22, height: 1.8, fill: '#8a7a6e' }),
    label(wine),
    svg('path', {
      d: highlightOf(shape),
      stroke: '#fff',
      'stroke-width': 2.6,
      'stroke-linecap': 'round',
      fill: 'none',
      opacity: 0.24,
    }),
  );
}

function label({ vintage }) {
  const text = svg('text', { x: 40, y: 183, 'text-anchor': 'middle', class: 'bottle-year' });
  text.textContent = String(vintage);
  return text;
}

function highlightOf(shape) {
  return shape === 'bordeaux' ? 'M24 100v26M24 204v12' : 'M25 112v14M23 204v12';
}
