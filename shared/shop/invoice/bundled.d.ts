/** What only a bundler imports. */
declare module '*.ttf' {
  const bytes: Uint8Array;
  export default bytes;
}

declare module '*/pdfkit.browser.mjs' {
  export { default } from 'pdfkit';
  export function registerStdFonts(...fonts: readonly object[]): void;
}

declare module 'pdfkit/standard-fonts/*' {
  const font: object;
  export default font;
}
