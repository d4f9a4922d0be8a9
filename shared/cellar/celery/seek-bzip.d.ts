/** The part of seek-bzip that is used; the package has no types of its own. */
declare module 'seek-bzip' {
  const Bunzip: {
    decode(input: Uint8Array, output: { writeByte(byte: number): void }): void;
  };
  export default Bunzip;
}
