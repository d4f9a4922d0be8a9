/** `npm run build`: makes the package as it is published, in dist/: JavaScript, types and a package.json that names them. */
import { execFileSync } from 'node:child_process';
import { copyFile, glob, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(fileURLToPath(import.meta.url));
const dist = join(root, 'dist');

/** `./index.ts` → what the published package offers at that entry. */
function published(source: string): { types: string; default: string } {
  const base = source.replace(/\.ts$/, '');
  return { types: `${base}.d.ts`, default: `${base}.js` };
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
const compiler = join(root, '../../node_modules/.bin/tsc');
execFileSync(compiler, ['--project', join(root, 'tsconfig.build.json')], { stdio: 'inherit' });

// The compiler rewrites imports in JavaScript, not in declarations.
for await (const file of glob('**/*.d.ts', { cwd: dist })) {
  const text = await readFile(join(dist, file), 'utf8');
  await writeFile(join(dist, file), text.replaceAll(/(['"]\.{1,2}\/[^'"]+)\.ts(['"])/g, '$1.js$2'));
}

/** Of an import inside the package, each condition's file. */
function publishedImport(conditions: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(conditions).map(([name, source]) => [name, published(source).default]));
}

const { exports, imports, bin, ...manifest } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'));
const entries = Object.entries<string>(exports).map(([name, source]) => [name, published(source)]);
const inner = Object.entries<Record<string, string>>(imports).map(([name, source]) => [name, publishedImport(source)]);
const commands = Object.entries<string>(bin).map(([name, source]) => [name, published(source).default]);
const built = {
  ...manifest,
  bin: Object.fromEntries(commands),
  exports: Object.fromEntries(entries),
  imports: Object.fromEntries(inner),
};
await writeFile(join(dist, 'package.json'), `${JSON.stringify(built, null, 2)}\n`);
await copyFile(join(root, '../../LICENSE'), join(dist, 'LICENSE'));
await copyFile(join(root, 'README.md'), join(dist, 'README.md'));
