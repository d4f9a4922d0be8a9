/** Files in a folder of this machine. */
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../error-code.ts';
import { checkFileName, type FileStore } from '../file-store.ts';
import { writeWhole } from '../write-whole.ts';

/** Opens the folder, which is made at the first file. */
export function openDiskFiles(folder: string): FileStore {
  return {
    async put(name, bytes) {
      checkFileName(name);
      const path = join(folder, name);
      await mkdir(dirname(path), { recursive: true });
      await writeWhole(path, bytes);
    },
    async get(name) {
      checkFileName(name);
      try {
        return await readFile(join(folder, name));
      } catch (error) {
        if (errorCode(error) === 'ENOENT') return undefined;
        throw error;
      }
    },
  };
}
