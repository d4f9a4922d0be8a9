/** Results that are kept elsewhere than in the broker, by the settings' result backend. */
import type { Stores } from './brokers/with-stores.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import type { Opener } from './opener.ts';
import type { Settings } from './settings.ts';

/**
 * Opens what a URL of a server names: `redis:` or `rediss:`; `undefined` for a store that comes with a broker.
 * @throws CellarError `bad-settings`, `store-unavailable`, `not-supported` without the package that it needs
 */
export async function openStores(url: string, settings: Settings, runtime: Runtime): Promise<Stores | undefined> {
  if (!/^rediss?:/i.test(url)) return undefined;
  const { openRedisResults } = await import('./results/redis/open-redis-results.ts');
  return await openRedisResults({ url, runtime, resultExpiresSeconds: settings.resultExpiresSeconds });
}

/**
 * A broker that comes with a store of its own, which the settings name `own` (such as `embedded:`) or not at all; another one
 * takes its place.
 * @throws CellarError `not-supported` for a store that is not beside this broker, and as `openStores`
 */
export function withResultBackend(own: string, open: Opener): Opener {
  return async (rest, settings, runtime) => {
    const { resultBackend, brokerUrl } = settings;
    if (resultBackend === undefined || resultBackend === own || resultBackend === brokerUrl)
      return await open(rest, settings, runtime);
    const stores = await openStores(resultBackend, settings, runtime);
    if (stores === undefined) {
      const text = `results of the broker ${schemeOf(brokerUrl)} are to be kept in ${schemeOf(resultBackend)}`;
      throw new CellarError('not-supported', `${text}, allowed: ${own}, redis:, rediss:`);
    }
    try {
      const { withStores } = await import('./brokers/with-stores.ts');
      return withStores(await open(rest, settings, runtime), stores);
    } catch (error) {
      await stores.results.close();
      throw error;
    }
  };
}

function schemeOf(url: string): string {
  return url.slice(0, url.indexOf(':') + 1);
}
