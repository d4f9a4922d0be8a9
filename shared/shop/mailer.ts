/** The port to whatever sends mails. */
import type { Mail } from './mail.ts';

export interface Mailer {
  /**
   * Sends one mail; answers how many were sent. When it resolves, the mail is kept or handed on for good.
   *
   * `taskId` makes the Message-ID, so that a repeat of the task is the same mail. May be called concurrently;
   * retries nothing by itself.
   */
  send(mail: Mail, taskId: string): Promise<number>;
}
