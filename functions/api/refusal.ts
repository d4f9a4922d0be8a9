/** What the API answers when it refuses: `{ error: { code, message, fields? } }`, the message one sentence for people. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { FieldErrors } from '../../shared/shop/order-request.ts';

export interface Refusal {
  readonly status: ContentfulStatusCode;
  /** For programs; stays the same. */
  readonly code: RefusalCode;
  readonly message: string;
  /** Path of a field → what is wrong with it. */
  readonly fields?: FieldErrors;
  readonly headers?: Readonly<Record<string, string>>;
}

export type RefusalCode =
  | 'bad-json'
  | 'bad-signature'
  | 'bad-event'
  | 'bad-idempotency-key'
  | 'body-too-large'
  | 'forbidden'
  | 'idempotency-key-taken'
  | 'internal'
  | 'invalid'
  | 'method-not-allowed'
  | 'not-found'
  | 'unavailable'
  | 'unsupported-media-type';

export function refuse(context: Context, { status, code, message, fields, headers = {} }: Refusal): Response {
  const error = fields === undefined ? { code, message } : { code, message, fields };
  return context.json({ error }, status, { 'Cache-Control': 'no-store', ...headers });
}

export function notFound(context: Context, what: string): Response {
  return refuse(context, { status: 404, code: 'not-found', message: `There is no such ${what}.` });
}
