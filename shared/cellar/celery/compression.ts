/** Compressed bodies by kombu's names and content types (kombu/compression.py); the library is loaded when one is met. */
import type { WireMessage } from '../broker.ts';
import type { SendOptions } from '../signature.ts';

type Compression = NonNullable<SendOptions['compression']>;

/** kombu writes zlib's format under the name of gzip, for both. */
export const ZLIB_TYPE = 'application/x-gzip';
export const BROTLI_TYPE = 'application/x-brotli';
export const ZSTD_TYPE = 'application/zstd';

const TYPES: Readonly<Record<Compression, string>> = {
  zlib: ZLIB_TYPE,
  gzip: ZLIB_TYPE,
  brotli: BROTLI_TYPE,
  zstd: ZSTD_TYPE,
};

export const COMPRESSIONS: readonly string[] = Object.keys(TYPES);

/** Node's zlib, which a process that compresses nothing does not load. To import `node:process` would ask for all that it has. */
export function nodeZlib(): typeof import('node:zlib') {
  return process.getBuiltinModule('node:zlib');
}

/** The message with its body compressed, and the header that says so. A compression that is not known is none. */
export function compressed(wire: WireMessage, compression: Compression): WireMessage {
  const type = TYPES[compression];
  if (type === undefined) return wire;
  return { ...wire, headers: { ...wire.headers, compression: type }, body: compress(wire.body, type) };
}

function compress(body: WireMessage['body'], type: string): Uint8Array {
  const { deflateSync, brotliCompressSync, zstdCompressSync } = nodeZlib();
  if (type === ZLIB_TYPE) return deflateSync(body);
  return type === ZSTD_TYPE ? zstdCompressSync(body) : brotliCompressSync(body);
}
