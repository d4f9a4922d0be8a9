import { pathToFileURL } from 'node:url';
import type { App } from './app.ts';
import { CellarError } from './errors.ts';
import { describeError } from './exception.ts';

/**
 * Loads the module of an application, which exports it as `app`.
 * @throws CellarError `discovery` when it cannot be loaded or exports none; a bad topology's own
 */
export async function loadApp(path: string): Promise<App> {
  const module = await load(path);
  if (isApp(module.app)) return module.app;
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
