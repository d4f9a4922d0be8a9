/** Which font can write a text: the PDF's own fonts where they have all its letters, else an embedded one. */
import { readFileSync } from 'node:fs';

export type Style = 'serif' | 'serif-bold' | 'sans' | 'sans-bold';

/** Fonts that every PDF reader has; they write Windows-1252. */
const STANDARD: Readonly<Record<Style, string>> = {
  serif: 'Times-Roman',
  'serif-bold': 'Times-Bold',
  sans: 'Helvetica',
  'sans-bold': 'Helvetica-Bold',
};

/** For Greek, Cyrillic, Polish and others; embedding it costs some time and 20 KB, so only where it is needed. */
const UNICODE = 'unicode';

const WINDOWS_1252 = /^[\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/;

/** Name of the font for a text in a style; the document must have got `addFonts`. */
export function fontFor(text: string, style: Style): string {
  return WINDOWS_1252.test(text) ? STANDARD[style] : UNICODE;
}

let unicodeFont: Buffer | undefined;

/** Makes the embedded font known to a document. */
export function addFonts(document: PDFKit.PDFDocument): void {
  unicodeFont ??= readFileSync(new URL('../fonts/DejaVuSans.ttf', import.meta.url));
  document.registerFont(UNICODE, unicodeFont);
}
