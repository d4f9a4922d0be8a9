import type { Backend } from './backend.ts';
import type { Stores } from './brokers/with-stores.ts';
import type { Runtime } from './clock.ts';
import { CellarError } from './errors.ts';
import { describeError } from './exception.ts';
import { openStores } from './open-results.ts';
import type { Settings } from './settings.ts';
import { stderrLogger } from './stderr-logger.ts';

/**
 * Opens RabbitMQ with the result backend of the settings: `redis:` or `rediss:`; `memory:` of this process; `rpc:` or
 * nothing, as messages to whoever waits for them.
 * @throws CellarError `bad-settings`, `broker-unavailable`; `not-supported` for another store, or without the package amqplib
 */
export async function openRabbitmqProcess(settings: Settings, runtime: Runtime): Promise<Backend> {
  const { openRabbitmq } = await loadRabbitmq();
  const { brokerUrl: url, resultExpiresSeconds, rabbitmqConsumerTimeoutSeconds: consumerTimeoutSeconds } = settings;
  const stores = await storesOf(settings, runtime);
  try {
    const options = {
      url,
      runtime,
      resultExpiresSeconds,
      consumerTimeoutSeconds,
      log: stderrLogger(settings, runtime),
    };
    return await openRabbitmq(stores === undefined ? options : { ...options, stores });
  } catch (error) {
    await stores?.results.close();
    throw error;
  }
}

async function storesOf(settings: Settings, runtime: Runtime): Promise<Stores | undefined> {
  const { resultBackend = 'rpc:', resultExpiresSeconds } = settings;
  const scheme = resultBackend.slice(0, resultBackend.indexOf(':') + 1).toLowerCase();
  if (scheme === 'rpc:') return undefined;
  if (scheme === 'memory:') {
    const { openMemory } = await import('./brokers/memory/open-memory.ts');
    const { results, schedules } = await openMemory({ runtime, resultExpiresSeconds });
    return { results, schedules };
  }
  const stores = await openStores(resultBackend, settings, runtime);
  if (stores !== undefined) return stores;
  const text = `results of the broker amqp: are to be kept in ${scheme}, allowed: rpc:, redis:, rediss:, memory:`;
  throw new CellarError('not-supported', text);
}

/** The package amqplib is an optional peer. */
async function loadRabbitmq() {
  try {
    return await import('./brokers/rabbitmq/open-rabbitmq.ts');
  } catch (error) {
    const text = `RabbitMQ needs the package amqplib: ${describeError(error)}`;
    throw new CellarError('not-supported', text, { cause: error });
  }
}
