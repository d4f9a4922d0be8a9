/** Finds the application that a command works on: `--app`, else the key `cellar.app` of a package.json upwards. */
import { access, readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { App } from '../app.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import { loadApp } from '../load-app.ts';

export interface FoundApp {
  readonly app: App;
  /** Of the module that exports it. */
  readonly path: string;
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
  return { app: await loadApp(path), path, folder };
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
