import type { Runtime } from './clock.ts';
import { type Logger, lineLogger } from './log.ts';
import type { Settings } from './settings.ts';

/** Lines on standard error, from the level of the settings on. */
export function stderrLogger({ logLevel }: Pick<Settings, 'logLevel'>, { clock }: Pick<Runtime, 'clock'>): Logger {
  return lineLogger({ level: logLevel, clock, write: (line) => process.stderr.write(line) });
}
