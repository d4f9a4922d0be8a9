/** Reads the folder into which the mailbox mailer writes. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCode } from './error-code.ts';
import { type ParsedAttachment, type ParsedMail, parseMail } from './mailbox/parse-mail.ts';

export interface MailSummary extends Omit<ParsedMail, 'attachments'> {
  /** The file's name without its ending; letters, digits and `-_=`. */
  readonly id: string;
  readonly attachments: readonly { readonly filename: string; readonly contentType: string; readonly size: number }[];
}

export interface Mailbox {
  /** All mails, the newest first. Reads only what it has not read before. */
  list(): Promise<readonly MailSummary[]>;
  /** One mail as it is in its file now. */
  mail(id: string): Promise<MailSummary | undefined>;
  attachment(id: string, index: number): Promise<ParsedAttachment | undefined>;
}

const ID = /^[A-Za-z0-9_=-]{1,200}$/;
const ENDING = '.eml';
/** Files read side by side. */
const READS_AT_ONCE = 32;

/** Opens the mailbox of a folder, which need not be there yet. Mails are kept parsed, by name, without attachments. */
export function openMailbox(folder: string): Mailbox {
  const known = new Map<string, MailSummary>();

  async function readMail(id: string) {
    if (!ID.test(id)) return undefined;
    try {
      return parseMail(await readFile(join(folder, `${id}${ENDING}`)));
    } catch (error) {
      if (errorCode(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async function learn(ids: readonly string[]): Promise<void> {
    for (let start = 0; start < ids.length; start += READS_AT_ONCE) {
      await Promise.all(
        ids.slice(start, start + READS_AT_ONCE).map(async (id) => {
          const mail = await readMail(id);
          if (mail !== undefined) known.set(id, summary(id, mail));
        }),
      );
    }
  }

  return {
    async list() {
      const ids = (await namesIn(folder)).filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -4));
      const present = new Set(ids);
      for (const id of known.keys()) if (!present.has(id)) known.delete(id);
      await learn(ids.filter((id) => !known.has(id)));
      return [...known.values()].sort((a, b) => compare(b.date, a.date) || compare(b.id, a.id));
    },
    async mail(id) {
      const mail = await readMail(id);
      return mail === undefined ? undefined : summary(id, mail);
    },
    attachment: async (id, index) => (await readMail(id))?.attachments[index],
  };
}

function summary(id: string, mail: ReturnType<typeof parseMail>): MailSummary {
  return {
    id,
    ...mail,
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      filename,
      contentType,
      size: content.length,
    })),
  };
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
