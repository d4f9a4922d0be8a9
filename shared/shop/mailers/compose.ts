/** Mails as MIME: the same whatever sends them. Of nodemailer only what composes; its transports take 30 ms to load. */
import MailComposer from 'nodemailer/lib/mail-composer/index.js';
import type { Mail } from '../mail.ts';

export interface Sending {
  /** Sender's address. */
  readonly from: string;
  /** Makes the Message-ID: a repeat of the task is the same mail. */
  readonly taskId: string;
}

/** One plain address: nothing that a header or a second recipient could hide in. */
const ADDRESS = /^[^\s@<>",;:\\()[\]]+@[^\s@<>",;:\\()[\]]+$/;

export function isAddress(text: string): boolean {
  return ADDRESS.test(text) && text.length <= 254;
}

/**
 * Composes a mail (RFC 5322), lines ended by CRLF.
 * @throws Error where sender or recipient is not one plain address
 */
export async function mailBytes(mail: Mail, { from, taskId }: Sending): Promise<Buffer> {
  for (const address of [from, mail.to]) {
    if (!isAddress(address)) {
      throw new Error(`a mail's address is ${JSON.stringify(address)}, allowed: one such as name@example.com`);
    }
  }
  const mime = new MailComposer({ ...composed(mail), from, messageId: messageIdOf(taskId, from), newline: 'windows' });
  return mime.compile().build();
}

/** In the sender's domain; what is not plain in a task id becomes `=` and its code, so that ids stay apart. */
function messageIdOf(taskId: string, from: string): string {
  return `<${plainName(taskId)}@${from.slice(from.indexOf('@') + 1)}>`;
}

/** Letters, digits and `_-` stay; others become `=` and their code. */
export function plainName(taskId: string): string {
  return taskId.replace(/[^A-Za-z0-9_-]/g, (letter) => `=${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
}

function composed(mail: Mail) {
  return {
    to: { name: '', address: mail.to },
    subject: mail.subject,
    text: mail.text,
    date: mail.date,
    attachments: mail.attachments.map(({ filename, contentType, content }) => ({
      filename,
      contentType,
      content: Buffer.from(content),
    })),
  };
}
