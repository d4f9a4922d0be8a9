/** Unpacks a zip file, by Python's own module: Node has none, and the emulators need Python anyway. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder with the files of the archive, for the caller to remove. */
export async function unzipped(archive: Buffer): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cellar-unzipped-'));
  const file = `${folder}.zip`;
  await writeFile(file, archive);
  const { status, stderr } = spawnSync('python3', ['-m', 'zipfile', '-e', file, folder], { encoding: 'utf8' });
  await rm(file);
  if (status !== 0) throw new Error(`cannot unzip: ${stderr}`);
  return folder;
}
