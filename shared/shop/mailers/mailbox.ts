/** A mailer for one machine: every mail becomes an `.eml` file in a folder. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mailer } from '../mailer.ts';
import { writeWhole } from '../write-whole.ts';
import { mailBytes, plainName } from './compose.ts';

export interface MailboxMailerOptions {
  /** Made where it is missing. */
  readonly folder: string;
  /** Sender's address. */
  readonly from: string;
}

/** Opens the mailer. A repeat of a task replaces its mail: the file's name comes from the task id. */
export async function openMailboxMailer({ folder, from }: MailboxMailerOptions): Promise<Mailer> {
  await mkdir(folder, { recursive: true });
  return {
    async send(mail, taskId) {
      await writeWhole(join(folder, mailFilename(taskId)), await mailBytes(mail, { from, taskId }));
      return 1;
    },
  };
}

/** Name of a task's mail. */
export function mailFilename(taskId: string): string {
  return `${plainName(taskId)}.eml`;
}
