/**
 * Files that sources read by `new URL('../fonts/a.ttf', import.meta.url)`: in a bundle they lie beside the module, so the
 * same source works in both.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';

export interface BundledAsset {
  /** As the source says it. */
  readonly specifier: string;
  readonly path: string;
  /** Beside the module. */
  readonly name: string;
}

const REFERENCE = /new URL\(\s*['"](\.[^'"]+)['"]\s*,\s*import\.meta\.url\s*\)/g;

/**
 * What these sources refer to: files, and folders without TypeScript (a folder of workers is found at deploy time).
 * @throws Error where one text means two files
 */
export function assetsOf(sources: readonly string[]): readonly BundledAsset[] {
  const found = new Map<string, BundledAsset>();
  for (const source of sources) {
    if (!statSync(source, { throwIfNoEntry: false })?.isFile()) continue; // code that is in no file
    for (const [, specifier = ''] of readFileSync(source, 'utf8').matchAll(REFERENCE)) {
      const path = resolve(dirname(source), specifier);
      const other = found.get(specifier);
      if (other !== undefined && other.path !== path) {
        throw new Error(`'${specifier}' means two files of one function, ${other.path} and ${path}, allowed: one`);
      }
      if (isAsset(path)) found.set(specifier, { specifier, path, name: `assets/${basename(path)}` });
    }
  }
  return [...found.values()];
}

function isAsset(path: string): boolean {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return stats.isFile() || !readdirSync(path, { recursive: true }).some((name) => String(name).endsWith('.ts'));
}

/** The bundled code with its references turned to where the assets lie. */
export function withAssets(code: string, assets: readonly BundledAsset[]): string {
  return assets.reduce(
    (text, { specifier, path, name }) =>
      text.replaceAll(
        `new URL("${specifier}",import.meta.url)`,
        `new URL("./${name}${statSync(path).isDirectory() ? '/' : ''}",import.meta.url)`,
      ),
    code,
  );
}
