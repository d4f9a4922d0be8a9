import type { Hono } from 'hono';
import { refuse } from './refusal.ts';

/** Answers 405 to every other method of these paths; to be called after their routes are there. */
export function onlyMethods(app: Hono, allowed: Readonly<Record<string, 'GET' | 'POST'>>): void {
  for (const [path, method] of Object.entries(allowed)) {
    app.all(path, (context) =>
      refuse(context, {
        status: 405,
        code: 'method-not-allowed',
        message: `The method ${context.req.method} is not allowed here, only ${method}.`,
        headers: { Allow: method === 'GET' ? 'GET, HEAD' : method },
      }),
    );
  }
}
