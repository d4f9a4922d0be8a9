/** Refuses requests under a foreign name. */
import type { MiddlewareHandler } from 'hono';
import { refuse } from './refusal.ts';

/** The names by which a machine calls itself. */
export const LOCAL_HOSTS: readonly string[] = ['localhost', '127.0.0.1', '[::1]'];

/**
 * Answers 421 unless the Host header names one of `hosts`, whatever the port.
 *
 * Without it any web page could read a local dashboard through a name of its own that resolves to 127.0.0.1
 * (DNS rebinding): to the browser that is the page's own origin.
 */
export function onlyHosts(hosts: readonly string[]): MiddlewareHandler {
  return async (context, next) => {
    const host = context.req.header('host') ?? '';
    if (hosts.includes(nameOf(host))) return next();
    const message = `the host is ${JSON.stringify(host)}, allowed: ${hosts.join(', ')}`;
    return refuse(context, { status: 421, code: 'wrong-host', message });
  };
}

function nameOf(host: string): string {
  return host.replace(/:\d*$/, '').toLowerCase();
}
