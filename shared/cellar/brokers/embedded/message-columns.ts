import type { SQLOutputValue } from 'node:sqlite';
import type { WireMessage } from '../../broker.ts';
import type { Envelope, Envelopes } from './envelopes.ts';
import { applyDifference } from './header-template.ts';

/** The columns that carry a message, in the order in which {@link decodeMessage} reads them; every message table has them. */
export const MESSAGE_COLUMNS = 'message_group, envelope, correlation_id, reply_to, headers, body';

/** A message as the file holds it. */
export interface EncodedMessage {
  readonly wire: WireMessage;
  readonly envelope: Envelope;
  /** The headers that differ from the envelope's, as JSON. */
  readonly headers: string;
  readonly messageGroup: string | null;
}

/** A row of {@link MESSAGE_COLUMNS} that begins at `from`, as a message. */
export function decodeMessage(envelopes: Envelopes, row: readonly SQLOutputValue[], from: number): WireMessage {
  const envelope = envelopes.get(Number(row[from + 1]));
  const replyTo = row[from + 3];
  const message = {
    headers: applyDifference(envelope.template, String(row[from + 4])),
    contentType: envelope.contentType,
    contentEncoding: envelope.contentEncoding,
    body: bodyOf(row[from + 5]),
    correlationId: String(row[from + 2]),
  };
  return typeof replyTo === 'string' ? { ...message, replyTo } : message;
}

/** The message group of such a row, as an object to spread: absent rather than undefined. */
export function groupOf(row: readonly SQLOutputValue[], from: number): { readonly messageGroup?: string } {
  const group = row[from];
  return typeof group === 'string' ? { messageGroup: group } : {};
}

function bodyOf(value: SQLOutputValue | undefined): string | Uint8Array {
  return value instanceof Uint8Array ? value : String(value);
}
