/** Parts of pdfkit that its types leave out; only a bundler imports them. */
declare module '*/pdfkit.browser.mjs' {
  export { default } from 'pdfkit';
  export function registerStdFonts(...fonts: readonly object[]): void;
}

declare module 'pdfkit/standard-fonts/*' {
  const font: object;
  export default font;
}
