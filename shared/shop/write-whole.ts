import { open, rename } from 'node:fs/promises';
import process from 'node:process';

let files = 0;

/** Writes beside, then renames: a reader sees the whole file or none, also after a crash. Its folder must be there. */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const beside = `${path}.${process.pid}.${files++}.part`;
  const file = await open(beside, 'w');
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
  await rename(beside, path);
}
