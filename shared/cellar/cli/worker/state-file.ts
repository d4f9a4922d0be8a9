/** Files that say of a worker that it is there: `--pidfile` and `--ready-file`. */
import { readFile, rm, writeFile } from 'node:fs/promises';
import process from 'node:process';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';

export interface StateFile {
  remove(): Promise<void>;
}

/** @throws CellarError `bad-arguments` when it cannot be written */
export async function writeStateFile(path: string, text: string): Promise<StateFile> {
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CellarError('bad-arguments', `cannot write ${path}: ${describeError(error)}`, { cause: error });
  }
  return { remove: () => rm(path, { force: true }) };
}

/**
 * Writes this process's id. One whose process has ended is replaced.
 * @throws CellarError `bad-arguments` when that process is still there
 */
export async function writePidFile(path: string): Promise<StateFile> {
  const other = Number.parseInt(await readFile(path, 'utf8').catch(() => ''), 10);
  if (isRunning(other)) {
    throw new CellarError('bad-arguments', `${path} has the id of a process that runs, ${other}: this worker is there`);
  }
  return writeStateFile(path, `${process.pid}\n`);
}

function isRunning(pid: number): boolean {
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is somebody else's.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
