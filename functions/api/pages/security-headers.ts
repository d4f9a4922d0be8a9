import type { MiddlewareHandler } from 'hono';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self'",
  "connect-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What every page says of itself: only its own scripts, styles and forms; in nobody's frame. */
export const securityHeaders: MiddlewareHandler = async (context, next) => {
  await next();
  // A PDF is shown by the browser's own viewer, which such a policy would hinder.
  if (context.res.headers.get('content-type')?.startsWith('text/html') === true) {
    context.header('Content-Security-Policy', POLICY);
  }
  context.header('X-Content-Type-Options', 'nosniff');
  context.header('Referrer-Policy', 'same-origin');
};
