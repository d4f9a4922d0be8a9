/** Whether the broker can carry a message: asked before a run ends, because a settlement that is refused brings its message back again and again. */
import type { BrokerCapabilities, OutgoingMessage } from '../broker.ts';
import { CellarError } from '../errors.ts';

/** Most bytes that one character of a text takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;
/** The same inside a text in JSON: a control character is written as its number. */
const BYTES_IN_JSON = 6;
/** What a header has beside its texts stays below: signs, numbers, a list of limits. */
const BYTES_OF_HEADER = 64;

/** @throws CellarError `not-supported`, `message-too-large` */
export function checkCarried(message: OutgoingMessage, capabilities: BrokerCapabilities, nowMs: number): void {
  const { priority = 0, dueAtMs = nowMs, exchange } = message;
  if (priority !== 0 && capabilities.priority === 'none') {
    throw new CellarError('not-supported', `priority is ${priority}, allowed by this broker: 0`);
  }
  if (dueAtMs > nowMs && exchange !== '') {
    throw new CellarError('not-supported', `a message to the exchange ${exchange} is delayed, allowed: to a queue`);
  }
  const delaySeconds = (dueAtMs - nowMs) / 1000;
  if (delaySeconds > capabilities.maxDelaySeconds) {
    const allowed = `allowed by this broker: at most ${capabilities.maxDelaySeconds}`;
    throw new CellarError('not-supported', `the delay is ${delaySeconds} seconds, ${allowed}`);
  }
  checkSize(message, capabilities.maxMessageBytes);
}

function checkSize({ body, headers }: OutgoingMessage, maxBytes: number): void {
  if (mostBytes(body, headers) <= maxBytes) return;
  const bytes = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers));
  if (bytes <= maxBytes) return;
  throw new CellarError(
    'message-too-large',
    `the message has ${bytes} bytes of body and headers, allowed by this broker: at most ${maxBytes}`,
  );
}

/** A bound that costs less than to write the headers as JSON. */
function mostBytes(body: OutgoingMessage['body'], headers: OutgoingMessage['headers']): number {
  let inHeaders = 0;
  for (const [name, value] of Object.entries(headers)) {
    if (isDeep(value)) return Number.POSITIVE_INFINITY;
    inHeaders += BYTES_OF_HEADER + (name.length + (typeof value === 'string' ? value.length : 0)) * BYTES_IN_JSON;
  }
  return body.length * BYTES_PER_CHARACTER + inHeaders;
}

/** Whether it may hold texts: limits are a list of numbers, and stamps are usually none. */
function isDeep(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return !Object.values(value).every((item) => typeof item === 'number' || item === null);
}
