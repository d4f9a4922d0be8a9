/** What the dashboard answers when it refuses: `{ error: { code, message } }`, as the shop's API does. */
import type { Context } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

export interface Refusal {
  readonly status: ContentfulStatusCode;
  /** For programs; stays the same. */
  readonly code: string;
  readonly message: string;
}

export function refuse(context: Context, { status, code, message }: Refusal): Response {
  return context.json({ error: { code, message } }, status);
}
