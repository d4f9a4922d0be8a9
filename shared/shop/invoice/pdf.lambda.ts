/**
 * The PDF library and the invoice's fonts, all inside a bundle. pdfkit's build for Node requires its fonts by name when
 * it runs, which no bundler can follow; its other build takes them as imports, and is named by its path because
 * pdfkit's exports hide it from Node.
 */
import Helvetica from 'pdfkit/standard-fonts/Helvetica';
import HelveticaBold from 'pdfkit/standard-fonts/HelveticaBold';
import TimesBold from 'pdfkit/standard-fonts/TimesBold';
import TimesRoman from 'pdfkit/standard-fonts/TimesRoman';
import PDFDocument, { registerStdFonts } from '../../../node_modules/pdfkit/js/pdfkit.browser.mjs';
import dejaVuSans from '../fonts/DejaVuSans.ttf' with { type: 'bytes' };

registerStdFonts(Helvetica, HelveticaBold, TimesBold, TimesRoman);

export const UNICODE_FONT: string | Uint8Array = dejaVuSans;
export { PDFDocument };
