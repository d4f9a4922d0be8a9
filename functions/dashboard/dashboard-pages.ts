/** The page's files from disk, as one machine serves them. */
import { fileURLToPath } from 'node:url';
import { serveStatic } from '@hono/node-server/serve-static';

export const dashboardPages = serveStatic({
  root: fileURLToPath(new URL('../../web/dashboard', import.meta.url)),
  onFound: (_path, context) => context.header('cache-control', 'no-cache'),
});
