/** A mailer for one machine: every mail becomes an `.eml` file in a folder. */
import { mkdir, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import type { Mail } from '../mail.ts';
import type { Mailer } from '../mailer.ts';

export interface MailboxMailerOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Sender's address. */
  readonly from: string;
}

/** Opens the mailer. A repeat of a task replaces its mail: the file's name comes from the task id. */
export async function openMailboxMailer({ folder, from }: MailboxMailerOptions): Promise<Mailer> {
  await mkdir(folder, { recursive: true });
  const transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });
  let files = 0;
  return {
    async send(mail, taskId) {
      const { message } = await transport.sendMail({ ...composed(mail), from, messageId: `<${taskId}@myshop.com>` });
      const bytes = Buffer.isBuffer(message) ? message : Buffer.from(await new Response(message).arrayBuffer());
      await writeWhole(join(folder, mailFilename(taskId)), `${process.pid}.${files++}`, bytes);
      return 1;
    },
  };
}

/** Name of a task's mail: what is not plain in a file's name becomes `=` and its code. */
export function mailFilename(taskId: string): string {
  const plain = taskId.replace(/[^A-Za-z0-9_-]/g, (letter) => `=${letter.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `${plain}.eml`;
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

/** Writes beside, then renames: a reader sees the whole mail or none, also after a crash. */
async function writeWhole(path: string, suffix: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${suffix}.part`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
