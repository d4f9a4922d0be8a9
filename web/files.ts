/** The shop's static pages as data: this machine serves them, deploy time puts them into a bucket. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WebFile {
  /** `/`, `/checkout`, `/assets/shop.css` */
  readonly path: string;
  /**
   * Its name in a bucket, where nothing maps a path to a file: the path without its first slash, so that `/checkout`
   * is the object `checkout`; the first page is `index.html`, the distribution's default root object.
   */
  readonly key: string;
  readonly contentType: string;
  readonly cacheControl: string;
  readonly body: string;
}

export interface WebFilesOptions {
  /** Keeps the elements marked `data-local`, such as links to this machine's mailbox. */
  readonly isLocal: boolean;
}

const FOLDER = fileURLToPath(new URL('./shop/', import.meta.url));

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** Names have no version in them, and pages and scripts must fit: browsers ask each time whether theirs is the newest. */
const CACHE_CONTROL = 'no-cache';

/** An element that has no element of its own kind inside. */
const LOCAL_ELEMENT = /\s*<(\w+)(?=[^>]*\sdata-local[\s>])[^>]*>.*?<\/\1>/gs;

/** Every file of `web/shop` but sources of types that no browser asks for, in order of path. */
export function webFiles({ isLocal }: WebFilesOptions): readonly WebFile[] {
  const names = readdirSync(FOLDER, { recursive: true, encoding: 'utf8' });
  return names
    .flatMap((name) => {
      const contentType = CONTENT_TYPES[extname(name)];
      if (contentType === undefined) return [];
      const text = readFileSync(join(FOLDER, name), 'utf8');
      const path = pathOf(name);
      const key = path === '/' ? 'index.html' : path.slice(1);
      const body = isLocal || extname(name) !== '.html' ? text : text.replace(LOCAL_ELEMENT, '');
      return [{ path, key, contentType, cacheControl: CACHE_CONTROL, body }];
    })
    .sort((one, other) => (one.path < other.path ? -1 : 1));
}

function pathOf(name: string): string {
  if (name === 'index.html') return '/';
  return name.endsWith('.html') ? `/${name.slice(0, -'.html'.length)}` : `/assets/${name.replaceAll('\\', '/')}`;
}
