import type { WireMessage } from '../../broker.ts';
import { type Carriage, encodeEnvelope } from '../../celery/sqs-envelope.ts';

/** A message as it travels, and its size as AWS counts it. */
export interface MessageText {
  readonly text: string;
  readonly bytes: number;
}

/** The two characters that JSON leaves as they are and SQS refuses (SQS API, SendMessage). */
const REFUSED = /[\ufffe\uffff]/g;

export function messageText(message: WireMessage, carriage: Carriage, routingKey?: string): MessageText {
  const encoded = encodeEnvelope(message, carriage, routingKey);
  const text = encoded.search(REFUSED) === -1 ? encoded : encoded.replace(REFUSED, escaped);
  return { text, bytes: Buffer.byteLength(text) };
}

function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16)}`;
}
