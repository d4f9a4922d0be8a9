import type { WireMessage } from '../../broker.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { differenceFrom, type HeaderTemplate, parseTemplate, templateOf } from './header-template.ts';

/** What many messages have in common, stored once: content type, encoding and the usual values of their headers. */
export interface Envelope {
  readonly contentType: string;
  readonly contentEncoding: string;
  readonly template: HeaderTemplate;
  /** Absent until it is known to be committed. */
  id: number | undefined;
}

export interface Envelopes {
  /** The envelope that fits, and the headers that differ from it as JSON. */
  encode(message: WireMessage): { readonly envelope: Envelope; readonly headers: string };
  /** The envelope's id; stored now if need be, so to be called in a write transaction. */
  idOf(envelope: Envelope): number;
  /** The envelope of a row. */
  get(id: number): Envelope;
}

/** Envelopes that one task may have; messages of yet another shape carry all their headers. */
const LARGEST_VARIETY = 8;
/** The same for all tasks together. */
const LARGEST_NUMBER = 1000;
const NO_TEMPLATE = parseTemplate('{}');

export function openEnvelopes({ database }: EmbeddedFile): Envelopes {
  const select = database.prepare(
    'SELECT id FROM cellar_envelopes WHERE content_type = ? AND content_encoding = ? AND headers = ?',
  );
  const insert = database.prepare(
    'INSERT OR IGNORE INTO cellar_envelopes (content_type, content_encoding, headers) VALUES (?, ?, ?)',
  );
  const selectById = database.prepare(
    'SELECT content_type, content_encoding, headers FROM cellar_envelopes WHERE id = ?',
  );
  const byTask = new Map<string, Envelope[]>();
  const byId = new Map<number, Envelope>();
  let number = 0;

  function storedId({ contentType, contentEncoding, template }: Envelope): number | undefined {
    const id = select.get(contentType, contentEncoding, template.text)?.['id'];
    return id === undefined ? undefined : Number(id);
  }

  function varietyOf(message: WireMessage): Envelope[] {
    const key = `${message.contentType}\n${message.contentEncoding}\n${message.headers['task']}`;
    const found = byTask.get(key);
    if (found !== undefined) return found;
    const added: Envelope[] = [];
    if (number < LARGEST_NUMBER) byTask.set(key, added);
    return added;
  }

  /** A new envelope for this shape of headers, or one without a template where there are too many already. */
  function add(variety: Envelope[], { contentType, contentEncoding, headers }: WireMessage): Envelope {
    const isFull = variety.length >= LARGEST_VARIETY || number >= LARGEST_NUMBER;
    const template = isFull ? NO_TEMPLATE : templateOf(headers);
    const envelope = { contentType, contentEncoding, template, id: undefined };
    if (!isFull) number++;
    variety.push(envelope);
    return envelope;
  }

  return {
    encode(message) {
      const variety = varietyOf(message);
      for (const envelope of variety) {
        const headers = differenceFrom(envelope.template, message.headers);
        if (headers === undefined) continue;
        // Outside a transaction only committed rows are seen: what is found now stays.
        if (!database.isTransaction) envelope.id ??= storedId(envelope);
        return { envelope, headers };
      }
      const envelope = add(variety, message);
      const headers = differenceFrom(envelope.template, message.headers);
      if (headers !== undefined) return { envelope, headers };
      return { envelope: { ...envelope, template: NO_TEMPLATE }, headers: JSON.stringify(message.headers) };
    },
    idOf(envelope) {
      if (envelope.id !== undefined) return envelope.id;
      insert.run(envelope.contentType, envelope.contentEncoding, envelope.template.text);
      return storedId(envelope) ?? 0;
    },
    get(id) {
      const cached = byId.get(id);
      if (cached !== undefined) return cached;
      const row = selectById.get(id) ?? {};
      const envelope = {
        contentType: String(row['content_type']),
        contentEncoding: String(row['content_encoding']),
        template: parseTemplate(String(row['headers'])),
        id,
      };
      byId.set(id, envelope);
      return envelope;
    },
  };
}
