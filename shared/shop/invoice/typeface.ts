/** Which font can write a text: the PDF's own fonts where they have all its letters, else an embedded one. */
import { UNICODE_FONT } from '#pdf';

export type Style = 'serif' | 'serif-bold' | 'sans' | 'sans-bold';

/** Fonts that every PDF reader has; they write Windows-1252. */
const STANDARD: Readonly<Record<Style, string>> = {
  serif: 'Times-Roman',
  'serif-bold': 'Times-Bold',
  sans: 'Helvetica',
  'sans-bold': 'Helvetica-Bold',
};

const WINDOWS_1252 = /^[\x20-\x7e\xa0-\xff€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ]*$/;

/** The font for a text in a style: a name, or a font of its own, which takes some time and 20 KB to embed. */
export function fontFor(text: string, style: Style): string | Uint8Array {
  return WINDOWS_1252.test(text) ? STANDARD[style] : UNICODE_FONT;
}
