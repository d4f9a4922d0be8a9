/** The shop's static pages, read once: a path is a known name or nothing. */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { Hono } from 'hono';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** `index.html` is `/`, `checkout.html` is `/checkout`; everything else is below `/assets/`. */
export async function staticPages(folder: string): Promise<Hono> {
  const routes = new Hono();
  for (const name of await readdir(folder, { recursive: true })) {
    const type = TYPES[extname(name)];
    if (type === undefined) continue;
    const body = await readFile(join(folder, name), 'utf8');
    const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 22)}"`;
    const headers = { 'Content-Type': type, ETag: etag, 'Cache-Control': 'no-cache' };
    routes.get(pathOf(name), (context) =>
      context.req.header('if-none-match') === etag
        ? context.body(null, 304, headers)
        : context.body(body, 200, headers),
    );
  }
  return routes;
}

function pathOf(name: string): string {
  if (name === 'index.html') return '/';
  return name.endsWith('.html') ? `/${name.slice(0, -5)}` : `/assets/${name.replaceAll('\\', '/')}`;
}
