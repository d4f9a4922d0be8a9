/** Bundles of Lambda functions: one ES module each, minified, with what it reads from disk beside it. */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { type BuildOptions, buildSync } from 'esbuild';
import { assetsOf, withAssets } from './bundle-assets.ts';

/** What a function consists of: a file that exports `handler`, or code that is not in any file, resolved from a folder. */
export type Entry = { readonly file: string } | { readonly code: string; readonly folder: string };

export interface BundleOptions {
  /** Conditions of package.json's `exports` and `imports` beside the usual ones. @default lambda: signed fetch, no SDK */
  readonly conditions?: readonly string[];
}

export interface Bundle {
  /** The module, `index.mjs`. */
  readonly code: string;
  readonly sourceMap: string;
  /** Files and folders that the module reads: name beside it → where it is. */
  readonly assets: ReadonlyMap<string, string>;
}

/** Gives CommonJS in the bundle the `require` that an ES module lacks. */
const REQUIRE_BANNER = "import{createRequire as $r}from'node:module';const require=$r(import.meta.url);";
/** What esbuild puts where CommonJS asks for a module of Node's. */
const NEEDS_REQUIRE = 'Dynamic require of';

/**
 * Bundles a function. Class and function names are shortened: what is stored of an error is its `name`, which this
 * leaves alone.
 * @throws Error with esbuild's messages
 */
export function bundle(entry: Entry, { conditions = ['lambda'] }: BundleOptions = {}): Bundle {
  const build = (banner: string) => {
    const { outputFiles, metafile } = buildSync({ ...optionsFor(entry, conditions), banner: { js: banner } });
    const text = (ending: string) => outputFiles.find(({ path }) => path.endsWith(ending))?.text ?? '';
    return { code: text('.mjs'), sourceMap: text('.map'), metafile };
  };
  const plain = build('');
  const built = plain.code.includes(NEEDS_REQUIRE) ? build(REQUIRE_BANNER) : plain;
  const assets = assetsOf(Object.keys(built.metafile.inputs).filter((path) => !path.includes('node_modules')));
  return { code: withAssets(built.code, assets), sourceMap: built.sourceMap, assets: namesOf(assets) };
}

function optionsFor(entry: Entry, conditions: readonly string[]) {
  return {
    ...('file' in entry
      ? { entryPoints: [entry.file] }
      : { stdin: { contents: entry.code, resolveDir: entry.folder, sourcefile: 'entry.ts', loader: 'ts' } }),
    absWorkingDir: process.cwd(),
    outfile: 'index.mjs',
    bundle: true,
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

/** Writes a bundle into a folder, as Lambda gets it. The source map stays outside: it would only be loaded. */
export function writeBundle({ code, assets }: Bundle, folder: string): void {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'index.mjs'), code);
  for (const [name, path] of assets) cpSync(path, join(folder, name), { recursive: true });
}
