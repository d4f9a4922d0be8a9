import { describe, expect, it } from '@jest/globals';
import { webFiles } from '../../web/files.ts';

const local = webFiles({ isLocal: true });
const deployed = webFiles({ isLocal: false });

describe('the files of the shop', () => {
  it('have a page, a script, a style and a picture, each with what it is', () => {
    const types = Object.fromEntries(deployed.map(({ key, contentType }) => [key, contentType]));
    expect(types).toMatchObject({
      'index.html': 'text/html; charset=utf-8',
      checkout: 'text/html; charset=utf-8',
      'assets/checkout.js': 'text/javascript; charset=utf-8',
      'assets/shop.css': 'text/css; charset=utf-8',
      'assets/icon.svg': 'image/svg+xml',
    });
  });

  it('are found in a bucket under their paths; only the first page has a name of its own', () => {
    for (const { path, key } of deployed) expect(`/${key}`).toBe(path === '/' ? '/index.html' : path);
    expect(new Set(deployed.map(({ key }) => key)).size).toBe(deployed.length);
  });

  it('link only to each other, to the API and to nothing of one machine', () => {
    const paths = new Set(deployed.map(({ path }) => path));
    for (const { path, body } of deployed.filter(({ contentType }) => contentType.startsWith('text/html'))) {
      const links = [...body.matchAll(/(?:href|src)="(\/[^"]*)"/g)].map(([, link = '']) => link.split('?', 1)[0]);
      expect(links.length).toBeGreaterThan(3);
      expect(links.filter((link) => !paths.has(link ?? '')).map((link) => [path, link])).toEqual([]);
    }
  });

  it('are the same on one machine, with its mailbox beside', () => {
    expect(local.map(({ path }) => path)).toEqual(deployed.map(({ path }) => path));
    const differing = local.filter(({ body }, index) => body !== deployed[index]?.body);
    expect(differing.map(({ path }) => path)).toEqual(['/', '/cancelled', '/checkout', '/success', '/wine']);
    for (const { path, body } of differing) {
      const other = deployed.find((file) => file.path === path)?.body ?? '';
      expect(body).toContain('/dev/mailbox');
      expect(other).not.toMatch(/mailbox|data-local/);
      expect(other.match(/<\w+/g)?.length).toBe(
        (body.match(/<\w+/g)?.length ?? 0) - (body.match(/data-local/g)?.length ?? 0),
      );
    }
  });
});
