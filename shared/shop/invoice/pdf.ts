/** The PDF library; in a bundle `pdf.lambda.ts` takes its place. */
export { default as PDFDocument } from 'pdfkit';
