/** Takes compressed bodies apart, by kombu's content types and aliases (kombu/compression.py). Loaded when one is met. */
import { describeError } from '../exception.ts';
import { BROTLI_TYPE, nodeZlib, ZLIB_TYPE, ZSTD_TYPE } from './compression.ts';

/** The largest body that a small one may become. */
const MAX_BYTES = 64 * 1024 * 1024;

const BZIP2_TYPE = 'application/x-bz2';
const ALIASES: Readonly<Record<string, string>> = {
  gzip: ZLIB_TYPE,
  zlib: ZLIB_TYPE,
  bzip2: BZIP2_TYPE,
  bzip: BZIP2_TYPE,
  brotli: BROTLI_TYPE,
  zstd: ZSTD_TYPE,
  zstandard: ZSTD_TYPE,
};

/** As `nodeZlib`: to import it costs a function that only stores results a millisecond. */
function nodeUtil(): typeof import('node:util') {
  return process.getBuiltinModule('node:util');
}

type Decompressor = (body: Uint8Array) => Promise<Uint8Array>;

const LIMIT = { maxOutputLength: MAX_BYTES };
const DECOMPRESSORS: Readonly<Record<string, Decompressor>> = {
  // kombu writes zlib's format under this name; others may write what it says.
  [ZLIB_TYPE]: (body) => nodeUtil().promisify(nodeZlib().unzip)(body, LIMIT),
  [BROTLI_TYPE]: (body) => nodeUtil().promisify(nodeZlib().brotliDecompress)(body, LIMIT),
  [ZSTD_TYPE]: (body) => nodeUtil().promisify(nodeZlib().zstdDecompress)(body, LIMIT),
  [BZIP2_TYPE]: bunzip,
};

/** The body, or in words why there is none. */
export async function decompress(body: Uint8Array, compression: string): Promise<Uint8Array | string> {
  const type = ALIASES[compression] ?? compression;
  const decompressor = DECOMPRESSORS[type];
  if (decompressor === undefined) {
    const known = Object.keys(DECOMPRESSORS).join(', ');
    return `compression is ${JSON.stringify(compression)}, allowed: none, ${known}`;
  }
  try {
    return await decompressor(body);
  } catch (error) {
    return `the body cannot be decompressed (${type}, to at most ${MAX_BYTES} bytes): ${describeError(error)}`;
  }
}

async function bunzip(body: Uint8Array): Promise<Uint8Array> {
  const { default: Bunzip } = await import('seek-bzip');
  const output = boundedOutput();
  Bunzip.decode(body, output);
  return output.bytes();
}

/** Where bytes are written one by one, up to the limit. */
function boundedOutput() {
  let buffer = Buffer.alloc(16_384);
  let length = 0;
  return {
    writeByte(byte: number): void {
      if (length === MAX_BYTES) throw new RangeError(`it has more than ${MAX_BYTES} bytes`);
      if (length === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 2);
      buffer[length++] = byte;
    },
    bytes: () => buffer.subarray(0, length),
  };
}
