/** The table of the invoice, its totals, and the foot of every page. */
import { euroText } from '../money.ts';
import { costOf, type Order, type OrderLine, totalsOf } from '../order.ts';
import { ITEMS_TOP } from './head.ts';
import {
  BOTTOM,
  type Document,
  heightOf,
  MARGIN,
  MUTED,
  PAGE_HEIGHT,
  RIGHT,
  rule,
  WIDTH,
  WINE,
  write,
} from './page.ts';
import type { Style } from './typeface.ts';

interface Column {
  readonly title: string;
  readonly x: number;
  readonly width: number;
  readonly align: 'left' | 'right';
  readonly text: (line: OrderLine) => string;
}

const COLUMNS: readonly Column[] = [
  { title: 'Product', x: MARGIN, width: 250, align: 'left', text: (line) => line.title },
  { title: 'Price', x: RIGHT - 222, width: 80, align: 'right', text: (line) => euroText(line.priceCents) },
  { title: 'Quantity', x: RIGHT - 136, width: 52, align: 'right', text: (line) => String(line.quantity) },
  { title: 'Cost', x: RIGHT - 80, width: 80, align: 'right', text: (line) => euroText(costOf(line)) },
];

const ROW = { style: 'sans', size: 10 } as const;
const ROW_PADDING = 8;
/** What subtotal, coupon, total and their rules need. */
const TOTALS_HEIGHT = 96;
const CONTINUED_TOP = 72;

/** Leaves `document.y` below the last line. */
export function drawItems(document: Document, { lines }: Order): void {
  // A long address may reach below the usual place.
  let y = drawTitles(document, Math.max(ITEMS_TOP, document.y + 30));
  for (const line of lines) {
    const height = heightOf(document, line.title, { width: 250, ...ROW });
    if (y + height + ROW_PADDING > BOTTOM) y = continued(document);
    for (const { x, width, align, text } of COLUMNS) write(document, text(line), { x, y, width, align, ...ROW });
    y += height + ROW_PADDING;
    rule(document, y - ROW_PADDING / 2 - 1);
    y += 2;
  }
  document.y = y;
}

function drawTitles(document: Document, y: number): number {
  for (const { title, x, width, align } of COLUMNS) {
    write(document, title, { x, y, width, align, style: 'sans-bold', size: 8.5, color: WINE });
  }
  rule(document, y + 16, WINE, 1);
  return y + 25;
}

function continued(document: Document): number {
  document.addPage();
  return drawTitles(document, CONTINUED_TOP);
}

export function drawTotals(document: Document, order: Order): void {
  const { subtotalCents, discountCents, totalCents } = totalsOf(order);
  let y = document.y + 8;
  if (y + TOTALS_HEIGHT > BOTTOM + 20) {
    document.addPage();
    y = CONTINUED_TOP;
  }
  if (order.coupon !== undefined) {
    y = drawSum(document, { y, label: 'Subtotal', cents: subtotalCents, ...ROW });
    const label = `"${order.coupon.code}" coupon (${order.coupon.percent}% off)`;
    y = drawSum(document, { y, label, cents: -discountCents, ...ROW });
  }
  document
    .moveTo(RIGHT - 240, y + 3)
    .lineTo(RIGHT, y + 3)
    .lineWidth(1)
    .strokeColor(WINE)
    .stroke();
  drawSum(document, { y: y + 13, label: 'Total', cents: totalCents, style: 'sans-bold', size: 13 });
}

interface Sum {
  readonly y: number;
  readonly label: string;
  readonly cents: number;
  readonly style: Style;
  readonly size: number;
}

function drawSum(document: Document, { y, label, cents, style, size }: Sum): number {
  write(document, label, { x: RIGHT - 330, width: 230, align: 'right', y, style, size });
  write(document, euroText(cents), { x: RIGHT - 96, width: 96, align: 'right', y, style, size });
  return y + size + 8;
}

export function drawFooters(document: Document): void {
  const { start, count } = document.bufferedPageRange();
  for (let page = start; page < start + count; page++) {
    document.switchToPage(page);
    // Below the bottom margin, where a text would otherwise open a new page.
    document.page.margins.bottom = 0;
    const y = PAGE_HEIGHT - 52;
    rule(document, y - 10);
    const foot = { y, style: 'sans', size: 8, color: MUTED } as const;
    write(document, 'My Shop, wine merchants. Thank you for your purchase.', { x: MARGIN, width: WIDTH - 90, ...foot });
    write(document, `Page ${page - start + 1} of ${count}`, { x: RIGHT - 80, width: 80, align: 'right', ...foot });
  }
}
