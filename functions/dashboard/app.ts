/**
 * The dashboard: a read-only JSON API over one client, and the page that shows it.
 *
 * It has no log-in of its own but what `guard` asks for. On one machine it listens on the loopback address and answers
 * to local names only.
 */
import { type Cellar, CellarError } from 'cellar';
import { Hono, type MiddlewareHandler } from 'hono';
import { HTTPException } from 'hono/http-exception';
import { secureHeaders } from 'hono/secure-headers';
import { dashboardPages } from './dashboard-pages.ts';
import { dashboardQueries } from './dashboard-queries.ts';
import { LOCAL_HOSTS, onlyHosts } from './only-hosts.ts';
import { refuse } from './refusal.ts';

export interface DashboardOptions {
  readonly cellar: Cellar;
  /** Lets requests in, for page and data. @default those to this machine's own names */
  readonly guard?: MiddlewareHandler;
}

/** Everything from here, nothing inline, no frames: a task's name or result can never become code. */
const CONTENT_SECURITY_POLICY = {
  defaultSrc: ["'none'"],
  scriptSrc: ["'self'"],
  styleSrc: ["'self'"],
  imgSrc: ["'self'"],
  connectSrc: ["'self'"],
  baseUri: ["'none'"],
  formAction: ["'none'"],
  frameAncestors: ["'none'"],
};

/** Makes the dashboard: `/` is the page, `/api/…` its data. */
export function makeDashboard({ cellar, guard = onlyHosts(LOCAL_HOSTS) }: DashboardOptions): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, strictTransportSecurity: false }));
  app.use(guard);
  app.use('/api/*', async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.route('/api', dashboardQueries(cellar));
  app.use(dashboardPages);
  app.notFound((context) =>
    refuse(context, { status: 404, code: 'not-found', message: `there is nothing at ${context.req.path}` }),
  );
  app.onError((error, context) => {
    if (error instanceof HTTPException) return error.getResponse();
    const { code, message } = knownFault(error);
    if (code === 'internal') cellar.log.error(`dashboard: ${error}`, { path: context.req.path });
    return refuse(context, { status: PASSING.has(code) ? 503 : 500, code, message });
  });
  return app;
}

const PASSING: ReadonlySet<string> = new Set(['broker-unavailable', 'store-unavailable', 'closed']);

/** Only faults that the library names are told; others may hold anything. */
function knownFault(error: Error): { readonly code: string; readonly message: string } {
  return error instanceof CellarError ? error : { code: 'internal', message: 'the dashboard failed, see its log' };
}
