import { openers } from '#openers';
import type { Backend } from './backend.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import type { Settings } from './settings.ts';

/**
 * Opens the broker and store of the settings: `embedded:` (a file in the data folder), `embedded:/path/to.db`, `memory:`,
 * `sqs://<region>/<account>/<prefix>`. What a Lambda function bundles (package condition `lambda`) knows the last only.
 * @throws CellarError `not-supported` for a broker that this version does not have; `bad-settings`
 */
export async function openBackend(settings: Settings, runtime: Runtime): Promise<Backend> {
  const colon = settings.brokerUrl.indexOf(':');
  const scheme = settings.brokerUrl.slice(0, colon);
  const opener = openers[scheme];
  if (opener === undefined) {
    const known = Object.keys(openers).map((name) => `${name}:`);
    throw new CellarError('not-supported', `the broker is ${scheme}:, allowed here: ${known.join(', ')}`);
  }
  return opener(settings.brokerUrl.slice(colon + 1), settings, runtime);
}
