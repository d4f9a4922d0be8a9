/** Bundles of Lambda functions: minified ES modules, with what they read from disk beside them. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import process from 'node:process';
import { type BuildOptions, buildSync, type Metafile } from 'esbuild';
import { assetsOf, withAssets } from './bundle-assets.ts';

/** What a function consists of: a file that exports `handler`, or code that is not in any file, resolved from a folder. */
export type Entry = { readonly file: string } | { readonly code: string; readonly folder: string };

export interface BundleOptions {
  /** Conditions of package.json's `exports` and `imports` beside the usual ones. @default lambda: signed fetch, no SDK */
  readonly conditions?: readonly string[];
}

export interface BundledModule {
  readonly code: string;
  readonly sourceMap: string;
  /** False for what is imported when it is first needed (`import()`), and costs no cold start before. */
  readonly isLoadedAtStart: boolean;
}

export interface Bundle {
  /** By name; the function is `index.mjs`. */
  readonly modules: ReadonlyMap<string, BundledModule>;
  /** Files and folders that the modules read: name beside them → where it is. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Gives CommonJS in the bundle the `require` that an ES module lacks, by a name that is too long for esbuild to give. */
const REQUIRE_BANNER =
  "import{createRequire as makeRequire}from'node:module';const require=makeRequire(import.meta.url);";
/** What esbuild puts where CommonJS asks for a module of Node's. */
const NEEDS_REQUIRE = 'Dynamic require of';

/**
 * Bundles a function. Class and function names are shortened: what is stored of an error is its `name`, which this
 * leaves alone.
 * @throws Error with esbuild's messages
 */
export function bundle(entry: Entry, { conditions = ['lambda'] }: BundleOptions = {}): Bundle {
  const build = (banner: string) => buildSync({ ...optionsFor(entry, conditions), banner: { js: banner } });
  const plain = build('');
  const needsRequire = plain.outputFiles.some(
    ({ path, text }) => path.endsWith('.mjs') && text.includes(NEEDS_REQUIRE),
  );
  const { outputFiles, metafile } = needsRequire ? build(REQUIRE_BANNER) : plain;
  const assets = assetsOf(sourcesOf(metafile).filter((path) => !path.includes('node_modules')));
  const texts = new Map(outputFiles.map(({ path, text }) => [basename(path), text]));
  const atStart = loadedAtStart(metafile);
  const modules = [...texts.keys()]
    .filter((name) => name.endsWith('.mjs'))
    .map((name): [string, BundledModule] => [
      name,
      {
        code: withAssets(texts.get(name) ?? '', assets),
        sourceMap: texts.get(`${name}.map`) ?? '',
        isLoadedAtStart: atStart.has(name),
      },
    ]);
  return { modules: new Map(modules), assets: namesOf(assets) };
}

/** The sources of which something is left in the bundle. */
function sourcesOf({ outputs }: Metafile): readonly string[] {
  const inputs = Object.values(outputs).flatMap((output) => Object.entries(output.inputs));
  return [...new Set(inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path))];
}

/** `index.mjs`, what it imports, and so on. */
function loadedAtStart({ outputs }: Metafile): ReadonlySet<string> {
  const byName = new Map(Object.entries(outputs).map(([path, output]) => [basename(path), output]));
  const loaded = new Set(['index.mjs']);
  for (const name of loaded) {
    const imports = byName.get(name)?.imports.filter(({ kind, external }) => kind === 'import-statement' && !external);
    for (const { path } of imports ?? []) loaded.add(basename(path));
  }
  return loaded;
}

function optionsFor(entry: Entry, conditions: readonly string[]) {
  return {
    ...('file' in entry
      ? { entryPoints: [entry.file] }
      : { stdin: { contents: entry.code, resolveDir: entry.folder, sourcefile: 'entry.ts', loader: 'ts' } }),
    absWorkingDir: process.cwd(),
    outdir: '.',
    entryNames: 'index',
    chunkNames: 'part-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    write: false,
    metafile: true,
    format: 'esm',
    platform: 'node',
    target: 'node24',
    minify: true,
    charset: 'utf8',
    legalComments: 'none',
    sourcemap: 'external',
    logLevel: 'silent',
    logOverride: { 'import-is-undefined': 'error' },
    mainFields: ['module', 'main'],
    conditions: [...conditions, 'module'],
  } as const satisfies BuildOptions;
}

function namesOf(assets: readonly { readonly name: string; readonly path: string }[]): ReadonlyMap<string, string> {
  return new Map(assets.map(({ name, path }) => [name, path]));
}

/** Writes a bundle into a folder, as Lambda gets it. The source maps stay outside: they would only be loaded. */
export function writeBundle({ modules, assets }: Bundle, folder: string): void {
  mkdirSync(folder, { recursive: true });
  for (const [name, { code }] of modules) writeFileSync(join(folder, name), code);
  for (const [name, path] of assets) cpSync(path, join(folder, name), { recursive: true });
}
