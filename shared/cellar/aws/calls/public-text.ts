/** What of AWS's words may stand in a log. */

/** What must not stand there. */
export type Secrets = readonly (string | undefined)[];

const LONGEST = 500;
const SIGNATURE = /[0-9a-f]{64}/gi;

/**
 * The first line of a message, with no secret in it: about a signature that does not match, AWS's next lines repeat
 * the request with its session token.
 */
export function publicText(message: string, secrets: Secrets): string {
  const line = message.split('\n', 1)[0] ?? '';
  const hidden = secrets.reduce<string>((text, secret) => (secret ? text.replaceAll(secret, '***') : text), line);
  return hidden.replace(SIGNATURE, '***').slice(0, LONGEST);
}
