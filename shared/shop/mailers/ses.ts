/** A mailer on Amazon SES (API v2), which takes whole MIME mails. */
import type { AwsCalls } from 'cellar/aws';
import type { Mailer } from '../mailer.ts';
import { mailBytes } from './compose.ts';

export interface SesMailerOptions {
  readonly calls: Pick<AwsCalls, 'call'>;
  /** A verified identity of the account. */
  readonly from: string;
}

/**
 * Opens the mailer.
 *
 * SES has no idempotency token, and puts a Message-ID of its own in place of the mail's (SES developer guide, "header
 * fields"): a task that dies after SES took its mail and before it is acknowledged sends that mail twice.
 */
export function openSesMailer({ calls, from }: SesMailerOptions): Mailer {
  return {
    async send(mail, taskId) {
      await calls.call('ses:SendEmail', {
        FromEmailAddress: from,
        Destination: { ToAddresses: [mail.to] },
        Raw: await mailBytes(mail, { from, taskId }),
      });
      return 1;
    },
  };
}
