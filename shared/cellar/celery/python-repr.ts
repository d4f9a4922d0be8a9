/** Values as Python's `repr` writes them: what Celery's monitors show of a task's arguments (header `argsrepr`). */
import { messageOf, NamedException, TaskException } from '../exception.ts';
import { Tagged } from './tagged-json.ts';

/** Celery cuts its representations at this length (celery/utils/saferepr.py). */
const MAX_LENGTH = 1024;

/** `(2, 'a')`, as a tuple. */
export function argsRepr(args: readonly unknown[]): string {
  if (args.length === 0) return '()';
  if (args.length === 1) return shorten(`(${repr(args[0])},)`);
  return shorten(`(${args.map((value) => repr(value)).join(', ')})`);
}

/** `{'x': 2}`. */
export function kwargsRepr(kwargs: Readonly<Record<string, unknown>>): string {
  for (const _name in kwargs) return shorten(repr(kwargs));
  return '{}';
}

/** The representation of a result or an argument of an exception, cut as Celery does. */
export function shortRepr(value: unknown): string {
  return shorten(repr(value));
}

/** Python's `repr` of anything thrown: `ValueError('boom', 42)`. */
export function exceptionRepr(error: unknown): string {
  if (!(error instanceof Error)) return shorten(repr(error));
  const args = error instanceof NamedException || error instanceof TaskException ? error.arguments : [messageOf(error)];
  return shorten(`${error.name}(${args.map((value) => repr(value)).join(', ')})`);
}

function shorten(text: string): string {
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 3)}...`;
}

/** Deeper than this `...` stands for a value, so that a value that contains itself has an end. */
const MAX_DEPTH = 20;

/** The representation of one value. */
export function repr(value: unknown, depth = 0): string {
  switch (typeof value) {
    case 'string':
      return quoted(value);
    case 'boolean':
      return value ? 'True' : 'False';
    case 'number':
    case 'bigint':
      return String(value);
    case 'object':
      return value === null ? 'None' : reprObject(value, depth + 1);
    default:
      return 'None';
  }
}

function reprObject(value: object, depth: number): string {
  if (depth > MAX_DEPTH) return '...';
  if (Array.isArray(value)) return `[${value.map((item) => repr(item, depth)).join(', ')}]`;
  if (value instanceof Date) return dateRepr(value);
  if (value instanceof Uint8Array) return `b'${value.length} bytes'`;
  if (value instanceof Tagged) return taggedRepr(value);
  const items = Object.entries(value).map(([key, item]) => `${quoted(key)}: ${repr(item, depth)}`);
  return `{${items.join(', ')}}`;
}

function dateRepr(date: Date): string {
  if (Number.isNaN(date.getTime())) return 'None';
  const parts = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
  ];
  const small = [date.getUTCSeconds(), date.getUTCMilliseconds() * 1000];
  while (small.at(-1) === 0) small.pop(); // as Python, which writes neither where both are 0
  return `datetime.datetime(${[...parts, ...small].join(', ')}, tzinfo=datetime.timezone.utc)`;
}

function taggedRepr({ type, value }: Tagged): string {
  if (type === 'decimal') return `Decimal(${quoted(value)})`;
  if (type === 'uuid') return `UUID(${quoted(value)})`;
  if (type === 'time') return quoted(value);
  return `datetime.date(${value.split('-').map(Number).join(', ')})`;
}

/** What a quoted text cannot hold as it is. */
const SPECIAL = /[\\'\p{Cc}]/u;

/** Single quotes unless the text has them and no double ones, as Python. */
function quoted(text: string): string {
  if (!SPECIAL.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t');
  const printable = escaped.replaceAll(/\p{Cc}/gu, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return quote + (quote === "'" ? printable.replaceAll("'", "\\'") : printable) + quote;
}
