/**
 * JSON with Celery's tagged types (kombu/utils/json.py): `{"__type__": T, "__value__": V}` with exactly those two keys.
 *
 * datetime ↔ Date (millisecond precision, always an offset), bytes and base64 ↔ Uint8Array, and
 * date, time, decimal and uuid ↔ {@link Tagged}. Integers beyond 2^53 ↔ bigint. What JSON would change
 * without a word (NaN, Infinity, undefined in a list, functions, class instances) is refused with `bad-value`.
 */
import { CellarError } from '../errors.ts';

/** Two of ECMAScript 2025's JSON functions, which the compiler's libraries do not name yet. */
declare global {
  interface JSON {
    rawJSON(text: string): object;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

export type TagType = 'date' | 'time' | 'decimal' | 'uuid';

/** A Python value that JavaScript has no type for, kept as its text: `new Tagged('decimal', '12.50')`. */
export class Tagged {
  readonly type: TagType;
  readonly value: string;

  constructor(type: TagType, value: string) {
    this.type = type;
    this.value = value;
  }

  toString(): string {
    return this.value;
  }
}

const MAX_DEPTH = 200;

/**
 * Encodes a value as JSON text; `undefined` at the top becomes null.
 * @throws CellarError `bad-value`, naming the place
 */
export function encodeJson(value: unknown): string {
  return JSON.stringify(convert(value ?? null, '', 0));
}

/** Answers the same value where JSON carries it as it is, so that the common case copies nothing. */
function convert(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return checkedNumber(value, path);
    case 'bigint':
      return JSON.rawJSON(value.toString());
    case 'object':
      return value === null ? null : convertObject(value, path, depth);
    default:
      throw badValue(path, `a ${typeof value}`);
  }
}

function checkedNumber(value: number, path: string): number {
  if (!Number.isFinite(value)) throw badValue(path, String(value));
  // From 1e21 on JSON writes an exponent, which every reader takes as a float: nothing is lost there.
  if (Number.isInteger(value) && !Number.isSafeInteger(value) && Math.abs(value) < 1e21) {
    throw badValue(path, `${value}, an integer beyond 2^53 (use a bigint)`);
  }
  return value;
}

function convertObject(value: object, path: string, depth: number): unknown {
  if (depth > MAX_DEPTH) throw badValue(path, `nesting deeper than ${MAX_DEPTH} levels, or a cycle`);
  if (Array.isArray(value)) return convertList(value, path, depth);
  const prototype = Object.getPrototypeOf(value);
  if (prototype === Object.prototype || prototype === null) return convertPlain(value, path, depth);
  if (value instanceof Date) return taggedDate(value, path);
  if (value instanceof Uint8Array) return taggedBytes(value);
  if (value instanceof Tagged)
    return tag(value.type, value.type === 'uuid' ? { hex: value.value.replaceAll('-', '') } : value.value);
  if ('toJSON' in value && typeof value.toJSON === 'function') return convert(value.toJSON(), path, depth + 1);
  throw badValue(path, `an instance of ${prototype.constructor?.name ?? 'an unnamed class'}`);
}

function convertList(list: readonly unknown[], path: string, depth: number): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (let index = 0; index < list.length; index++) {
    const before = list[index];
    const after = convert(before, `${path}[${index}]`, depth + 1);
    if (after !== before) {
      copy ??= [...list];
      copy[index] = after;
    }
  }
  return copy ?? list;
}

function convertPlain(value: object, path: string, depth: number): object {
  const entries = Object.entries(value);
  if (entries.length === 2 && '__type__' in value && '__value__' in value) {
    throw badValue(path, 'an object with just the keys __type__ and __value__, which stand for a tagged type');
  }
  let changes: Record<string, unknown> | undefined;
  for (const [key, before] of entries) {
    if (before === undefined) continue;
    const after = convert(before, path === '' ? key : `${path}.${key}`, depth + 1);
    if (after !== before) {
      changes ??= {};
      changes[key] = after;
    }
  }
  return changes === undefined ? value : { ...value, ...changes };
}

function tag(type: string, value: unknown): object {
  return { __type__: type, __value__: value };
}

function taggedDate(date: Date, path: string): object {
  if (Number.isNaN(date.getTime())) throw badValue(path, 'an invalid date');
  return tag('datetime', isoDate(date));
}

/** As Python's isoformat writes an aware UTC time: older Pythons do not read the suffix Z. */
export function isoDate(date: Date): string {
  return date.toISOString().replace(/(?:\.000)?Z$/, '+00:00');
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function taggedBytes(bytes: Uint8Array): object {
  try {
    return tag('bytes', utf8.decode(bytes));
  } catch {
    return tag('base64', Buffer.from(bytes).toString('base64'));
  }
}

function badValue(path: string, got: string): CellarError {
  return new CellarError(
    'bad-value',
    `${path === '' ? 'the value' : path} is ${got}, allowed: JSON values, Date, Uint8Array, bigint and Tagged`,
  );
}

/** Digits enough to make an integer that a double may not hold. */
const LONG_INTEGER = /\d{16}/;

/**
 * Decodes JSON text with tagged types.
 * @throws CellarError `bad-message` for text that is not JSON or has a type nobody knows
 */
export function decodeJson(text: string): unknown {
  let value: unknown;
  try {
    value = LONG_INTEGER.test(text) ? JSON.parse(text, exactInteger) : JSON.parse(text);
  } catch (error) {
    throw new CellarError('bad-message', `not JSON: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
  return text.includes('"__type__"') ? revive(value) : value;
}

function exactInteger(_key: string, value: unknown, context: { readonly source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  return context.source !== undefined && /^-?\d+$/.test(context.source) ? BigInt(context.source) : value;
}

function revive(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  if (entries.length === 2 && '__type__' in value && '__value__' in value) {
    return untag(value.__type__, value.__value__);
  }
  return Object.fromEntries(entries.map(([key, item]) => [key, revive(item)]));
}

function untag(type: unknown, value: unknown): unknown {
  if (type === 'uuid' && typeof value === 'object' && value !== null && 'hex' in value) {
    return new Tagged('uuid', String(value.hex).replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
  }
  if (typeof value !== 'string') throw unknownTag(type);
  switch (type) {
    case 'datetime':
      return dateOfTag(value);
    case 'bytes':
      return new TextEncoder().encode(value);
    case 'base64':
      return new Uint8Array(Buffer.from(value, 'base64'));
    case 'date':
    case 'time':
    case 'decimal':
      return new Tagged(type, value);
    default:
      throw unknownTag(type);
  }
}

function dateOfTag(text: string): Date {
  const time = timeOfIso(text);
  if (Number.isNaN(time))
    throw new CellarError('bad-message', `the datetime ${JSON.stringify(text)} is no ISO 8601 time`);
  return new Date(time);
}

function unknownTag(type: unknown): CellarError {
  return new CellarError(
    'bad-message',
    `unknown tagged type ${JSON.stringify(type)}, allowed: datetime, date, time, decimal, uuid, bytes, base64`,
  );
}

const HAS_ZONE = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Milliseconds since the epoch of an ISO 8601 time; without an offset it is UTC, as Celery reads it. NaN when it is none. */
export function timeOfIso(text: string): number {
  return Date.parse(HAS_ZONE.test(text) ? text : `${text}Z`);
}
