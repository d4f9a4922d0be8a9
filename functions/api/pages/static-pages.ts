/** The shop's static pages, read once: a path is a known name or nothing. */
import { createHash } from 'node:crypto';
import { Hono } from 'hono';
import { type WebFilesOptions, webFiles } from '../../../web/files.ts';

export function staticPages(options: WebFilesOptions): Hono {
  const routes = new Hono();
  for (const { path, contentType, cacheControl, body } of webFiles(options)) {
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { 'Content-Type': contentType, ETag: etag, 'Cache-Control': cacheControl };
    routes.get(path, (context) =>
      context.req.header('if-none-match') === etag
        ? context.body(null, 304, headers)
        : context.body(body, 200, headers),
    );
  }
  return routes;
}
