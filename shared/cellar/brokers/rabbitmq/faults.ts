/** RabbitMQ's answers that say no, as the library's errors. */
import { CellarError } from '../../errors.ts';
import { messageOf } from '../../exception.ts';

/** AMQP's reply codes (AMQP 0-9-1, 1.1 "constants") that are told apart here. */
export const REPLY = {
  accessRefused: 403,
  notFound: 404,
  resourceLocked: 405,
  preconditionFailed: 406,
  notAllowed: 530,
} as const;

/** The reply code of a channel or connection that the server closed. */
export function replyCodeOf(error: unknown): number | undefined {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'number' ? code : undefined;
}

/** Whether there is no such queue; one whose node is down comes back. */
export function isGone(error: unknown): boolean {
  return replyCodeOf(error) === REPLY.notFound && !/is down or inaccessible/.test(messageOf(error));
}

/** Certificates that do not fit, files that are not there: of `node:tls` and `node:fs`. */
const HOPELESS_CODES = /^(.*CERT.*|UNABLE_TO_.*|ENOENT)$/;

/** Whether asking again soon is in vain: the server knows no such user or virtual host, or cannot be trusted. */
export function isHopeless(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  if (typeof code === 'string' && HOPELESS_CODES.test(code)) return true;
  return /ACCESS.REFUSED|NOT.ALLOWED|got <ConnectionClose/.test(messageOf(error));
}

/** What the server said, without what the client's library puts around it. */
export function serverText(error: unknown): string {
  const text = messageOf(error);
  return /with message "(?:[A-Z_]+ - )?(.*)"$/s.exec(text)?.[1] ?? text;
}

export function unavailable(hosts: string, cause: unknown): CellarError {
  const because = cause === undefined ? 'no answer' : serverText(cause);
  return new CellarError('broker-unavailable', `RabbitMQ at ${hosts} cannot be used: ${because}`, { cause });
}
