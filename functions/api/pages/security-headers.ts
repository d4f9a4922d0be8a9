import type { MiddlewareHandler } from 'hono';
import { CONTENT_SECURITY_POLICY, REFERRER_POLICY } from '../../../web/page-headers.ts';

/** Adds what every page says of itself. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  // A PDF is shown by the browser's own viewer, which such a policy would hinder.
  if (context.res.headers.get('content-type')?.startsWith('text/html') === true) {
    context.header('Content-Security-Policy', CONTENT_SECURITY_POLICY);
  }
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', REFERRER_POLICY);
};
