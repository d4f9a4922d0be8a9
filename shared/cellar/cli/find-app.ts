/** Finds the application that a command works on: `--app`, else the key `cellar.app` of a package.json upwards. */
import { access, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { App } from '../app.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';

export interface FoundApp {
  readonly app: App;
  /** What relative paths of the settings are relative to: the folder of the package.json, else the working directory. */
  readonly folder: string;
}

/**
 * Loads the application's module.
 * @throws CellarError `discovery` when there is none, it cannot be loaded, or it exports no `app`
 */
export async function findApp(cwd: string, given: string | undefined): Promise<FoundApp> {
  const { path, folder } = given === undefined ? await declaredApp(cwd) : { path: resolve(cwd, given), folder: cwd };
  const isThere = await access(path).then(
    () => true,
    () => false,
  );
  if (!isThere) throw new CellarError('discovery', `no application module ${path}`);
  const module = await load(path);
  if (isApp(module.app)) return { app: module.app, folder };
  const got = Object.keys(module).join(', ') || 'nothing';
  throw new CellarError('discovery', `${path} exports ${got}, allowed: export const app = defineApp({ topology, … })`);
}

async function load(path: string): Promise<Readonly<Record<string, unknown>>> {
  try {
    return await import(pathToFileURL(path).href);
  } catch (error) {
    // The problems of a bad topology say more than that it cannot be loaded.
    if (error instanceof CellarError) throw error;
    throw new CellarError('discovery', `cannot load ${path}: ${describeError(error)}`, { cause: error });
  }
}

function isApp(value: unknown): value is App {
  return typeof value === 'object' && value !== null && 'topology' in value && typeof value.topology === 'object';
}

async function declaredApp(cwd: string): Promise<{ readonly path: string; readonly folder: string }> {
  for (let folder = resolve(cwd); ; folder = dirname(folder)) {
    const path = await appOfPackage(join(folder, 'package.json'));
    if (path !== undefined) return { path: resolve(folder, path), folder };
    if (dirname(folder) === folder) break;
  }
  const hint = 'give --app PATH, or add "cellar": {"app": "./app.ts"} to package.json';
  throw new CellarError('discovery', `no application found from ${cwd} upwards, ${hint}`);
}

async function appOfPackage(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  let content: { readonly cellar?: { readonly app?: unknown } } | null;
  try {
    content = JSON.parse(text);
  } catch (error) {
    throw new CellarError('discovery', `${file} is not JSON: ${describeError(error)}`, { cause: error });
  }
  const path = content?.cellar?.app;
  if (path === undefined || typeof path === 'string') return path;
  throw new CellarError('discovery', `cellar.app of ${file} is ${JSON.stringify(path)}, allowed: the path of a module`);
}
