/** Mails as they were handed to SES v2: ministack takes attachments, but does not show them. */
import type { RecordedRequest } from './recording-proxy.ts';

export interface SentMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** The whole MIME message, lines ended by CRLF. */
  readonly mime: string;
}

/** Where SES v2 takes a mail (SendEmail). */
export const SEND_EMAIL = '/v2/email/outbound-emails';

interface SendEmailRequest {
  readonly FromEmailAddress: string;
  readonly Destination: { readonly ToAddresses: readonly string[] };
  readonly Content: { readonly Raw: { readonly Data: string } };
}

export function sentMail({ body }: RecordedRequest): SentMail {
  const { FromEmailAddress, Destination, Content }: SendEmailRequest = JSON.parse(body.toString('utf8'));
  const mime = Buffer.from(Content.Raw.Data, 'base64').toString('utf8');
  const [, subject = ''] = /^Subject: (.*)\r$/m.exec(mime) ?? [];
  return { from: FromEmailAddress, to: Destination.ToAddresses, subject, mime };
}

/** The bytes of a mail's attachment; `undefined` where it has none of that name. */
export function attachmentOf({ mime }: SentMail, fileName: string): Buffer | undefined {
  const [, boundary] = /boundary="?([^"\r\n;]+)"?/.exec(mime) ?? [];
  const parts = boundary === undefined ? [] : mime.split(`--${boundary}`);
  const part = parts.find((text) => text.includes(`filename=${fileName}`) || text.includes(`filename="${fileName}"`));
  const body = part?.split('\r\n\r\n').slice(1).join('');
  return body === undefined ? undefined : Buffer.from(body, 'base64');
}
