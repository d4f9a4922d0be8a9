import { spawnSync } from 'node:child_process';
import process from 'node:process';

/**
 * Whether a program is installed: tests that need it skip without it (`requires('pdftotext') ? it : it.skip`).
 * @throws Error where `CI` is `true`: there it must be installed
 */
export function requires(program: string): boolean {
  const found = spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
  if (!found && process.env.CI === 'true') throw new Error(`${program} is not installed, and CI needs it`);
  return found;
}
