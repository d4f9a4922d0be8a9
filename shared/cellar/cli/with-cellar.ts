/** Opens a client for the length of one command. */
import { resolve } from 'node:path';
import type { App } from '../app.ts';
import { Cellar } from '../cellar.ts';
import { CellarError } from '../errors.ts';
import { lineLogger } from '../log.ts';
import { loadSettings, type Settings } from '../settings.ts';
import type { CommandContext } from './command.ts';
import type { ExitCode } from './exit-code.ts';
import { findApp } from './find-app.ts';

export interface OpenApp {
  readonly cellar: Cellar;
  readonly app: App;
  /** Of the module that exports the application. */
  readonly appPath: string;
}

export interface WithCellarOptions {
  /** Only warnings and errors are logged. @default true */
  readonly quiet?: boolean;
  /** What the command's own options say instead of the environment. @default nothing */
  readonly settings?: Partial<Settings>;
}

/**
 * Finds the application, opens its broker, and closes it after `work`.
 * @throws CellarError as `findApp`, `loadSettings` and `Cellar.open` do; `not-supported` for a broker inside one process
 */
export async function withCellar(
  context: CommandContext,
  work: (open: OpenApp) => Promise<ExitCode>,
  { quiet = true, settings: own = {} }: WithCellarOptions = {},
): Promise<ExitCode> {
  const { io, common } = context;
  const { app, path, folder } = await findApp(io.cwd, common.app);
  const settings = { ...settingsOf(context, folder), ...own };
  const level = quiet && settings.logLevel === 'info' ? 'warn' : settings.logLevel;
  const log = lineLogger({ level, clock: io.runtime.clock, write: (line) => io.stderr.write(line) });
  const cellar = await Cellar.open({ settings, topology: app.topology, runtime: io.runtime, log });
  try {
    if (!cellar.backend.broker.capabilities.shared) {
      const text = `the broker ${settings.brokerUrl} lives inside one process, where this command does not see it`;
      throw new CellarError('not-supported', `${text}, allowed: one that is shared, such as embedded:`);
    }
    return await work({ cellar, app, appPath: path });
  } finally {
    await cellar.close();
  }
}

/** The environment's settings, with what the command line says instead. */
function settingsOf({ io, common }: CommandContext, folder: string): Settings {
  const { broker, dataDir } = common;
  const settings = loadSettings({ ...io.env, ...(broker === undefined ? undefined : { CELLAR_BROKER_URL: broker }) });
  return {
    ...settings,
    allowAws: settings.allowAws || common.aws,
    // As `npm start` in the application's folder reads it, wherever the command was called.
    dataDir: dataDir === undefined ? resolve(folder, settings.dataDir) : resolve(io.cwd, dataDir),
  };
}
