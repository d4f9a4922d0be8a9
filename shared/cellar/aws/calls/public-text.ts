/** What of AWS's words may stand in a log. */

/** What must not stand there. */
export type Secrets = readonly (string | undefined)[];

const LONGEST = 500;
/** AWS's have 40 characters and more; the dummies of an emulator are common words. */
const SHORTEST_SECRET = 16;
const SIGNATURE = /[0-9a-f]{64}/gi;

/**
 * The first line of a message, with no secret in it: about a signature that does not match, AWS's next lines repeat
 * the request with its session token.
 */
export function publicText(message: string, secrets: Secrets): string {
  const line = message.split('\n', 1)[0] ?? '';
  const hidden = secrets
    .filter((secret) => secret !== undefined && secret.length >= SHORTEST_SECRET)
    .reduce<string>((text, secret = '') => text.replaceAll(secret, '***'), line);
  return hidden.replace(SIGNATURE, '***').slice(0, LONGEST);
}
