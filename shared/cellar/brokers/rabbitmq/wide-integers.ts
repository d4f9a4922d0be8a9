/**
 * Integers in headers as every client reads them. The library writes one from 128 to 32,767 as AMQP 0-9-1's `s`, a short,
 * as RabbitMQ takes it; Python's client takes an `s` for a short text, and loses the rest of the headers or the message.
 */
import type { Headers } from '../../broker.ts';

interface WideInteger {
  readonly '!': 'int';
  readonly value: number;
}

/** The headers as they are where none is concerned. */
export function withWideIntegers(headers: Headers): Headers {
  for (const name in headers) if (isConcerned(headers[name])) return widened(headers);
  return headers;
}

function isConcerned(value: unknown): boolean {
  if (typeof value === 'number') return isShort(value);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false;
  for (const item of Object.values(value)) if (isConcerned(item)) return true;
  return false;
}

function isShort(value: number): boolean {
  return Number.isInteger(value) && (value > 127 ? value < 0x8000 : value < -128 && value >= -0x8000);
}

function widened(table: Headers): Headers {
  return Object.fromEntries(Object.entries(table).map(([name, value]) => [name, wide(value)]));
}

function wide(value: unknown): unknown {
  if (typeof value === 'number' && isShort(value)) return { '!': 'int', value } satisfies WideInteger;
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  return Array.isArray(value) ? value.map(wide) : widened({ ...value });
}
