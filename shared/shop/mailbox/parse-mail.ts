/** Reads what the mailbox mailer writes: MIME as far as plain text mails with attachments need it (RFC 5322, 2045 to 2047). */

export interface ParsedAttachment {
  readonly filename: string;
  readonly contentType: string;
  readonly content: Buffer;
}

export interface ParsedMail {
  readonly from: string;
  readonly to: string;
  readonly subject: string;
  /** ISO 8601, or what the header holds where that is no date. */
  readonly date: string;
  readonly messageId: string;
  readonly text: string;
  readonly attachments: readonly ParsedAttachment[];
}

interface Part {
  readonly headers: ReadonlyMap<string, string>;
  /** One character a byte. */
  readonly body: string;
}

/** Parses one mail; a header that is missing is the empty string. */
export function parseMail(bytes: Buffer): ParsedMail {
  const mail = splitPart(bytes.toString('latin1'));
  const header = (name: string): string => decodeWords(mail.headers.get(name) ?? '');
  const leaves = leavesOf(mail);
  const texts = leaves.filter((leaf) => !isAttachment(leaf) && contentTypeOf(leaf).startsWith('text/plain'));
  const sent = new Date(header('date'));
  return {
    from: header('from'),
    to: header('to'),
    subject: header('subject'),
    date: Number.isNaN(sent.getTime()) ? header('date') : sent.toISOString(),
    messageId: header('message-id'),
    text: texts.map(textOf).join('\n'),
    attachments: leaves.filter(isAttachment).map((leaf) => ({
      filename: parameterOf(leaf.headers.get('content-disposition'), 'filename') ?? 'attachment',
      contentType: contentTypeOf(leaf),
      content: contentOf(leaf),
    })),
  };
}

function splitPart(text: string): Part {
  const end = text.indexOf('\r\n\r\n');
  const head = end < 0 ? text : text.slice(0, end);
  const lines = head.replace(/\r\n[ \t]+/g, ' ').split('\r\n');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return { headers, body: end < 0 ? '' : text.slice(end + 4) };
}

/** The parts that hold content. */
function leavesOf(part: Part): readonly Part[] {
  const boundary = parameterOf(part.headers.get('content-type'), 'boundary');
  if (!contentTypeOf(part).startsWith('multipart/') || boundary === undefined) return [part];
  const [, ...sections] = `\r\n${part.body}`.split(`\r\n--${boundary}`);
  return sections
    .filter((section) => !section.startsWith('--'))
    .flatMap((section) => leavesOf(splitPart(section.replace(/^[ \t]*\r\n/, ''))));
}

function contentTypeOf({ headers }: Part): string {
  return (headers.get('content-type') ?? 'text/plain').split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

function isAttachment({ headers }: Part): boolean {
  return /^attachment\b/i.test(headers.get('content-disposition') ?? '');
}

function parameterOf(header: string | undefined, name: string): string | undefined {
  const found = new RegExp(`;\\s*${name}=(?:"([^"]*)"|([^;\\s]+))`, 'i').exec(header ?? '');
  return found?.[1] ?? found?.[2];
}

function contentOf({ headers, body }: Part): Buffer {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64');
  if (encoding === 'quoted-printable') return fromQuotedPrintable(body.replace(/=[ \t]*\r\n/g, ''));
  return Buffer.from(body, 'latin1');
}

/** Lines end as on Unix; the end of the last line belongs to the file. */
function textOf(leaf: Part): string {
  return contentOf(leaf).toString('utf8').replaceAll('\r\n', '\n').replace(/\n$/, '');
}

function fromQuotedPrintable(text: string): Buffer {
  return Buffer.from(
    text.replace(/=([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

/** Encoded words (RFC 2047) in UTF-8; blanks between two of them are not part of the text. */
function decodeWords(header: string): string {
  return header
    .replace(/\?=\s+=\?/g, '?==?')
    .replace(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, text: string) => {
      const bytes =
        encoding.toLowerCase() === 'b' ? Buffer.from(text, 'base64') : fromQuotedPrintable(text.replaceAll('_', ' '));
      return bytes.toString('utf8');
    });
}
