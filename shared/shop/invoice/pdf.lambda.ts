/**
 * The PDF library with the standard fonts of the invoice, as a bundle can hold it. pdfkit's build for Node requires its
 * fonts by name when it runs, which no bundler can follow; its other build takes them as imports, and is named by its
 * path because pdfkit's exports hide it from Node.
 */
import Helvetica from 'pdfkit/standard-fonts/Helvetica';
import HelveticaBold from 'pdfkit/standard-fonts/HelveticaBold';
import TimesBold from 'pdfkit/standard-fonts/TimesBold';
import TimesRoman from 'pdfkit/standard-fonts/TimesRoman';
import PDFDocument, { registerStdFonts } from '../../../node_modules/pdfkit/js/pdfkit.browser.mjs';

registerStdFonts(Helvetica, HelveticaBold, TimesBold, TimesRoman);

export { PDFDocument };
