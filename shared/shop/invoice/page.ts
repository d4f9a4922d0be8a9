/** Measures and colours of the invoice's page, in points, and how it writes. */
import { fontFor, type Style } from './typeface.ts';

export type Document = PDFKit.PDFDocument;

export const MARGIN = 56;
/** A4. */
export const PAGE_WIDTH = 595.28;
export const PAGE_HEIGHT = 841.89;
export const RIGHT = PAGE_WIDTH - MARGIN;
export const WIDTH = PAGE_WIDTH - 2 * MARGIN;
/** Nothing of the table is below this line. */
export const BOTTOM = PAGE_HEIGHT - 96;

export const INK = '#2b2320';
export const MUTED = '#7a6c62';
export const WINE = '#6d1f2c';
export const RULE = '#d9cdbf';
export const PAID = '#2f6b4f';
export const PENDING = '#a3541a';

export interface Writing {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly style: Style;
  readonly size: number;
  /** @default INK */
  readonly color?: string;
  /** @default 'left' */
  readonly align?: 'left' | 'right' | 'center';
  /** @default 0 */
  readonly spacing?: number;
}

/** Writes text into a column; answers the y below it. */
export function write(document: Document, text: string, writing: Writing): number {
  const { x, y, width, style, size, color = INK, align = 'left', spacing = 0 } = writing;
  document
    .font(fontFor(text, style))
    .fontSize(size)
    .fillColor(color)
    .text(text, x, y, { width, align, characterSpacing: spacing, lineGap: 2 });
  return document.y;
}

/** Height of text in a column, as `write` would need it. */
export function heightOf(
  document: Document,
  text: string,
  { width, style, size }: Pick<Writing, 'width' | 'style' | 'size'>,
): number {
  return document.font(fontFor(text, style)).fontSize(size).heightOfString(text, { width, lineGap: 2 });
}

/** A horizontal line over the whole width. */
export function rule(document: Document, y: number, color = RULE, thickness = 0.6): void {
  document.moveTo(MARGIN, y).lineTo(RIGHT, y).lineWidth(thickness).strokeColor(color).stroke();
}
