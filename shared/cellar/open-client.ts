/** Opens a client that sends and reads results: settings, log, broker and store. Running workers is `cellar.ts`'s business. */
import { loadLater } from '#later';
import type { Backend } from './backend.ts';
import { Client } from './client.ts';
import { type Runtime, systemRuntime } from './clock.ts';
import type { Logger } from './log.ts';
import { openBackend } from './open-backend.ts';
import { originName } from './origin-name.ts';
import { loadSettings, type Settings } from './settings.ts';
import { stderrLogger } from './stderr-logger.ts';
import { type Topology, topology } from './topology.ts';

export interface ClientOptions {
  /** @default the environment's `CELLAR_*` variables */
  readonly settings?: Settings;
  /** @default the default queue, and one queue for each that a handler works on */
  readonly topology?: Topology;
  /** @default the real clock, random numbers and ids */
  readonly runtime?: Runtime;
  /** @default lines on standard error, from the level of the settings on */
  readonly log?: Logger;
  /** A backend that is open already, and stays open after `close`. @default opened from the settings' broker URL */
  readonly backend?: Backend;
}

/**
 * Opens broker and store and declares the topology, which beside its own queues has those of `queues`.
 * @throws CellarError `bad-settings`, `bad-topology`, `declare-conflict`, `broker-unavailable`
 */
export async function openClient(options: ClientOptions, queues: Iterable<string> = []): Promise<Client> {
  const settings = options.settings ?? loadSettings(process.env);
  const runtime = options.runtime ?? systemRuntime;
  const log = options.log ?? stderrLogger(settings, runtime);
  for (const warning of settings.warnings) log.warn(warning);
  const declared = options.topology ?? topology({ queues: queuesFor([settings.taskDefaultQueue, ...queues]) });
  const opened = options.backend ?? (await openBackend(settings, runtime));
  const backend = settings.taskSendSentEvent ? await tellingOf(opened, runtime) : opened;
  const ownsBackend = options.backend === undefined;
  const client = new Client({ settings, topology: declared, runtime, log, backend, ownsBackend });
  try {
    await backend.broker.declare(declared);
  } catch (error) {
    await client.close();
    throw error;
  }
  return client;
}

/** Loaded where it is wanted only. */
async function tellingOf(backend: Backend, runtime: Runtime): Promise<Backend> {
  const { withSentEvents } = await loadLater();
  return withSentEvents(backend, { runtime, name: originName(), pid: process.pid });
}

function queuesFor(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [name, {}]));
}
