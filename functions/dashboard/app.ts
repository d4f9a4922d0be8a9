/**
 * The dashboard: a read-only JSON API over one client, and the page that shows it.
 *
 * It has no log-in of its own. On one machine it listens on the loopback address and answers to local names only;
 * anywhere else it must stand behind authentication, and `hosts` names what it is reached by.
 */
import { type Cellar, CellarError } from 'cellar';
import { Hono, type MiddlewareHandler } from 'hono';
import { secureHeaders } from 'hono/secure-headers';
import { dashboardPages } from './dashboard-pages.ts';
import { dashboardQueries } from './dashboard-queries.ts';
import { LOCAL_HOSTS, onlyHosts } from './only-hosts.ts';

export interface DashboardOptions {
  readonly cellar: Cellar;
  /** Serves the page's files. @default those of `web/dashboard`, from disk */
  readonly assets?: MiddlewareHandler;
  /** Names in the Host header that are answered. @default localhost and the loopback addresses */
  readonly hosts?: readonly string[];
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
export function makeDashboard({ cellar, assets = dashboardPages, hosts = LOCAL_HOSTS }: DashboardOptions): Hono {
  const app = new Hono();
  app.use(secureHeaders({ contentSecurityPolicy: CONTENT_SECURITY_POLICY, strictTransportSecurity: false }));
  app.use(onlyHosts(hosts));
  app.use('/api/*', async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });
  app.route('/api', dashboardQueries(cellar));
  app.use(assets);
  app.notFound((context) => context.json({ error: `there is nothing at ${context.req.path}` }, 404));
  app.onError((error, context) => {
    const known = error instanceof CellarError;
    if (!known) cellar.log.error(`dashboard: ${error}`, { path: context.req.path });
    // Only faults that the library names are told; others may hold anything.
    return context.json({ error: known ? error.message : 'the dashboard failed, see its log' }, 500);
  });
  return app;
}
