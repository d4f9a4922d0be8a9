import { fileURLToPath } from 'node:url';

/** Path of a function's entry file, by its path below `functions/`. */
export function functionFile(path: string): string {
  return fileURLToPath(new URL(`../functions/${path}`, import.meta.url));
}
