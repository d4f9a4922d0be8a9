import { readFile } from 'node:fs/promises';

/** The library's version, as its package.json says beside this file. */
export async function libraryVersion(): Promise<string> {
  const text = await readFile(new URL('./package.json', import.meta.url), 'utf8');
  return String(JSON.parse(text).version);
}
