/** The invoice of an order: an A4 page, or more where there are many lines. */
import { PDFDocument } from '#pdf';
import { drawHead, drawParties } from './invoice/head.ts';
import { drawFooters, drawItems, drawTotals } from './invoice/items.ts';
import { MARGIN } from './invoice/page.ts';
import { addFonts } from './invoice/typeface.ts';
import type { Order } from './order.ts';

/** File name of an order's invoice. */
export function invoiceFilename(orderId: number): string {
  return `order_${orderId}.pdf`;
}

/**
 * Draws the invoice. The same order gives the same document; its text can be extracted.
 *
 * An order without an invoice number gets a document that says so, marked "Pending payment" until it is paid.
 */
export function invoicePdf(order: Order): Promise<Buffer> {
  const document = new PDFDocument({
    size: 'A4',
    margin: MARGIN,
    bufferPages: true,
    info: {
      Title: invoiceFilename(order.id),
      Author: 'My Shop',
      CreationDate: order.invoice?.issuedAt ?? order.placedAt,
    },
  });
  const parts: Buffer[] = [];
  document.on('data', (part: Buffer) => parts.push(part));
  const done = new Promise<Buffer>((resolve, reject) => {
    document.on('end', () => resolve(Buffer.concat(parts)));
    document.on('error', reject);
  });
  addFonts(document);
  drawHead(document, order);
  drawParties(document, order);
  drawItems(document, order);
  drawTotals(document, order);
  drawFooters(document);
  document.end();
  return done;
}
