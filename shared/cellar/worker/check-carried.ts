/** Whether the broker can carry a message: asked before a run ends, because a settlement that is refused brings its message back again and again. */
import type { BrokerCapabilities, OutgoingMessage } from '../broker.ts';
import { CellarError } from '../errors.ts';

/** Most bytes that one character of a text takes in UTF-8. */
const BYTES_PER_CHARACTER = 3;
/** What the headers of a task message stay below, its representations of the arguments (1,024 characters each) included. */
const USUAL_HEADER_BYTES = 16_384;

/** @throws CellarError `not-supported`, `message-too-large` */
export function checkCarried(message: OutgoingMessage, capabilities: BrokerCapabilities, nowMs: number): void {
  const { priority = 0, dueAtMs = nowMs, exchange } = message;
  if (priority !== 0 && !capabilities.priority) {
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
  if (body.length * BYTES_PER_CHARACTER + USUAL_HEADER_BYTES <= maxBytes) return;
  const bytes = Buffer.byteLength(body) + Buffer.byteLength(JSON.stringify(headers));
  if (bytes <= maxBytes) return;
  throw new CellarError(
    'message-too-large',
    `the message has ${bytes} bytes of body and headers, allowed by this broker: at most ${maxBytes}`,
  );
}
