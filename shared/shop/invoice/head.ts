/** The upper part of the invoice: who it is from, its number, date and mark, and whom it is for. */
import { type Order, orderNumber } from '../order.ts';
import { longDateText } from '../time-zone.ts';
import { type Document, MARGIN, MUTED, PAGE_WIDTH, PAID, PENDING, RIGHT, WIDTH, WINE, write } from './page.ts';

const PARTIES_TOP = 222;
/** Where the table begins. */
export const ITEMS_TOP = 330;

export function drawHead(document: Document, order: Order): void {
  document.rect(0, 0, PAGE_WIDTH, 10).fill(WINE);
  write(document, 'My Shop', { x: MARGIN, y: 52, width: 250, style: 'serif-bold', size: 26, color: WINE });
  write(document, 'WINE MERCHANTS', {
    x: MARGIN,
    y: 84,
    width: 250,
    style: 'sans',
    size: 7.5,
    color: MUTED,
    spacing: 2.4,
  });
  const right = { x: RIGHT - 240, width: 240, align: 'right' } as const;
  write(document, 'admin@myshop.com', { ...right, y: 60, style: 'sans', size: 9, color: MUTED });
  write(document, invoiceTitle(order), { x: MARGIN, y: 136, width: 340, style: 'serif', size: 22 });
  write(document, `Order ${orderNumber(order)}`, {
    x: MARGIN,
    y: 168,
    width: 340,
    style: 'sans',
    size: 9.5,
    color: MUTED,
  });
  drawMark(document, order);
}

function invoiceTitle({ invoice }: Order): string {
  return invoice === undefined ? 'Invoice no. not given yet' : `Invoice no. ${invoice.number}`;
}

/** A stamp that says whether it is paid. */
function drawMark(document: Document, { status }: Order): void {
  const paid = status === 'paid';
  const width = paid ? 70 : 130;
  const color = paid ? PAID : PENDING;
  document
    .roundedRect(RIGHT - width, 138, width, 28, 4)
    .lineWidth(1.4)
    .strokeColor(color)
    .stroke();
  write(document, paid ? 'Paid' : 'Pending payment', {
    x: RIGHT - width,
    y: 146,
    width,
    style: 'sans-bold',
    size: 12,
    color,
    align: 'center',
  });
}

export function drawParties(document: Document, order: Order): void {
  const { customer } = order;
  const half = WIDTH / 2;
  const billTo = [
    `${customer.firstName} ${customer.lastName}`,
    customer.address,
    `${customer.postalCode} ${customer.city}`,
    customer.email,
  ];
  drawBlock(document, 'Date', {
    x: MARGIN + half + 12,
    width: half - 12,
    lines: [longDateText(order.invoice?.issuedAt ?? order.placedAt)],
  });
  // Last, as it may be the longer one: the table begins below it.
  drawBlock(document, 'Bill to', { x: MARGIN, width: half - 12, lines: billTo });
}

interface Block {
  readonly x: number;
  readonly width: number;
  readonly lines: readonly string[];
}

function drawBlock(document: Document, label: string, { x, width, lines }: Block): void {
  write(document, label, { x, y: PARTIES_TOP, width, style: 'sans-bold', size: 8.5, color: WINE });
  let y = PARTIES_TOP + 17;
  for (const line of lines) y = write(document, line, { x, y, width, style: 'sans', size: 10 }) + 1;
}
