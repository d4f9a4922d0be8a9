/** Opens what a broker URL names. Each broker's code is loaded only when it is asked for. */
import { mkdir } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Backend } from './backend.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import type { Settings } from './settings.ts';

/** The file of the embedded broker in the data folder. */
const DATABASE_FILE = 'cellar.db';

type Opener = (rest: string, settings: Settings, runtime: Runtime) => Promise<Backend>;

const openers: Readonly<Record<string, Opener>> = {
  async embedded(rest, settings, runtime) {
    const { openEmbedded } = await import('./brokers/embedded/open-embedded.ts');
    const path = resolve(rest === '' ? join(settings.dataDir, DATABASE_FILE) : rest);
    await mkdir(dirname(path), { recursive: true });
    return openEmbedded({
      path,
      runtime,
      durability: settings.durability,
      resultExpiresSeconds: settings.resultExpiresSeconds,
    });
  },
  async memory(_rest, settings, runtime) {
    const { openMemory } = await import('./brokers/memory/open-memory.ts');
    return openMemory({ runtime, resultExpiresSeconds: settings.resultExpiresSeconds });
  },
};

/**
 * Opens the broker and store of the settings: `embedded:` (a file in the data folder), `embedded:/path/to.db`, `memory:`.
 * @throws CellarError `not-supported` for a broker that this version does not have
 */
export async function openBackend(settings: Settings, runtime: Runtime): Promise<Backend> {
  const colon = settings.brokerUrl.indexOf(':');
  const scheme = settings.brokerUrl.slice(0, colon);
  const opener = openers[scheme];
  if (opener === undefined) {
    throw new CellarError(
      'not-supported',
      `the broker ${scheme}: is not built yet, allowed: ${Object.keys(openers)
        .map((name) => `${name}:`)
        .join(', ')}`,
    );
  }
  return opener(settings.brokerUrl.slice(colon + 1), settings, runtime);
}
