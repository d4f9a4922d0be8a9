import type { Headers, WireMessage } from '../../broker.ts';
import type { EmbeddedFile } from './embedded-file.ts';

/** What many messages have in common, stored once. */
export interface Envelope {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly headers: Headers;
}

export interface Envelopes {
  /** The envelope's id if it is stored already; to be called outside a transaction, whose rows may still vanish. */
  find(message: WireMessage): number | undefined;
  /** The envelope's id, stored now if need be; to be called inside a write transaction. */
  store(message: WireMessage): number;
  get(id: number): Envelope;
}

/** Content types and encodings, kept apart from the messages because nearly all have the same. */
export function openEnvelopes({ database }: EmbeddedFile): Envelopes {
  const select = database.prepare(
    `SELECT id FROM cellar_envelopes WHERE content_type = ? AND content_encoding = ? AND headers = '{}'`,
  );
  const insert = database.prepare(
    `INSERT OR IGNORE INTO cellar_envelopes (content_type, content_encoding, headers) VALUES (?, ?, '{}')`,
  );
  const selectById = database.prepare(
    'SELECT content_type, content_encoding, headers FROM cellar_envelopes WHERE id = ?',
  );
  const stored = new Map<string, number>();
  const known = new Map<number, Envelope>();

  function lookUp({ contentType, contentEncoding }: WireMessage): number | undefined {
    const id = select.get(contentType, contentEncoding)?.['id'];
    return id === undefined ? undefined : Number(id);
  }

  return {
    find(message) {
      const key = `${message.contentType}\n${message.contentEncoding}`;
      const cached = stored.get(key);
      if (cached !== undefined) return cached;
      const id = lookUp(message);
      if (id !== undefined) stored.set(key, id);
      return id;
    },
    store(message) {
      insert.run(message.contentType, message.contentEncoding);
      return lookUp(message) ?? 0;
    },
    get(id) {
      const cached = known.get(id);
      if (cached !== undefined) return cached;
      const row = selectById.get(id) ?? {};
      const envelope = {
        contentType: String(row['content_type']),
        contentEncoding: String(row['content_encoding']),
        headers: JSON.parse(String(row['headers'])),
      };
      known.set(id, envelope);
      return envelope;
    },
  };
}
