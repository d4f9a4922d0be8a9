/**
 * Messages that this library never sends: compressed bodies, other character sets, and Celery's protocol 1 (celery
 * docs/internals/protocol.rst). Loaded when one is met.
 */
import type { WireMessage } from '../broker.ts';
import { describeError } from '../exception.ts';
import { type Decoded, type DecodeFault, type DecodeFaultCode, decodeMessage, messageOfParts } from '../message.ts';
import { decompress } from './decompress.ts';
import { decodeJson } from './tagged-json.ts';

/** Faults that this may know better. */
const UNUSUAL: ReadonlySet<DecodeFaultCode> = new Set(['compressed', 'bad-content-encoding', 'missing-task']);

/** Decodes what `decodeMessage` refused, if it can; else the fault. Never rejects. */
export async function decodeForeign(wire: WireMessage, fault: DecodeFault): Promise<Decoded> {
  if (!UNUSUAL.has(fault.code)) return fault;
  const { compression, ...headers } = wire.headers;
  const again = (code: DecodeFaultCode, reason: string): DecodeFault => ({ ...fault, code, reason });
  let { body } = wire;
  if (typeof compression === 'string') {
    if (typeof body === 'string')
      return again('bad-body', `the body is text, its compression is said to be ${compression}`);
    body = await decompress(body, compression);
    if (typeof body === 'string') return again('unsupported-compression', body);
  }
  const text = typeof body === 'string' ? body : inCharacters(body, wire.contentEncoding);
  if (text === undefined)
    return again('bad-content-encoding', `content encoding is ${JSON.stringify(wire.contentEncoding)}, allowed: utf-8`);
  const plain = { ...wire, headers, contentEncoding: 'utf-8', body: text };
  return headers.task === undefined ? decodeFirstProtocol(plain) : decodeMessage(plain);
}

/** `binary` says of JSON that nobody knows: it is UTF-8 then. */
function inCharacters(body: Uint8Array, encoding: string): string | undefined {
  try {
    const label = encoding === '' || encoding === 'binary' ? 'utf-8' : encoding;
    return new TextDecoder(label, { fatal: true }).decode(body);
  } catch {
    return undefined; // a name that nobody knows, or bytes that are not in it: refused with a sentence
  }
}

/** One object holds all, and there are no headers. What it cannot say is as if it had not been said. */
function decodeFirstProtocol(wire: WireMessage): Decoded {
  const decoded = decodeMessage(wire);
  let value: unknown;
  try {
    value = decodeJson(String(wire.body));
  } catch (error) {
    return decoded.ok ? decoded : { ...decoded, code: 'bad-body', reason: describeError(error) };
  }
  // Not of that protocol either: the header is missing.
  if (typeof value !== 'object' || value === null || !('task' in value) || Array.isArray(value)) return decoded;
  const { args = [], kwargs = {}, callbacks = null, errbacks = null, chord = null, ...rest } = fieldsOf(value);
  const { task, id, retries, eta, expires, timelimit, group, taskset, group_index: groupIndex } = rest;
  const headers = {
    ...wire.headers,
    task,
    id,
    retries: retries ?? 0,
    eta: eta ?? null,
    expires: expires ?? null,
    timelimit: timelimit ?? [null, null],
    group: group ?? taskset ?? null,
    group_index: groupIndex ?? null,
  };
  return messageOfParts(headers, [args ?? [], kwargs ?? {}, { callbacks, errbacks, chain: null, chord }]);
}

function fieldsOf(value: object): Readonly<Record<string, unknown>> {
  return { ...value };
}
