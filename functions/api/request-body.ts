/** Guards of request bodies, as middleware. */
import type { MiddlewareHandler } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { refuse } from './refusal.ts';

const MAX_BODY_BYTES = 64 * 1024;

/** Refuses bodies above 64 KiB with 413. */
export const limitedBody: MiddlewareHandler = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: (context) =>
    refuse(context, { status: 413, code: 'body-too-large', message: 'The body must be at most 64 KiB.' }),
});

/** Refuses anything but JSON with 415. */
export const jsonOnly: MiddlewareHandler = async (context, next) => {
  const type = (context.req.header('content-type') ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/json') return next();
  return refuse(context, {
    status: 415,
    code: 'unsupported-media-type',
    message: 'The body must be sent as application/json.',
  });
};

/** The value of a JSON text; `undefined`, which JSON cannot say, where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
