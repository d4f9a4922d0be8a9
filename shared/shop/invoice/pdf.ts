/** The PDF library and the invoice's own font, from this machine's disk; in a bundle `pdf.lambda.ts` takes its place. */
import { fileURLToPath } from 'node:url';

export { default as PDFDocument } from 'pdfkit';

/** File of a font for Greek, Cyrillic, Polish and others. */
export const UNICODE_FONT: string | Uint8Array = fileURLToPath(new URL('../fonts/DejaVuSans.ttf', import.meta.url));
