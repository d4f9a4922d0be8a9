/**
 * A client that publishes nothing: it composes messages for an application's outbox, which another function publishes.
 * What an API loads then has neither broker nor result store.
 */
import { awsCapabilities } from '../brokers/aws/capabilities.ts';
import type { Client } from '../client.ts';
import { systemRuntime } from '../clock.ts';
import { Composer } from '../composer.ts';
import { CellarError } from '../errors.ts';
import type { ClientOptions } from '../open-client.ts';
import { originName } from '../origin-name.ts';
import { prepareMessages } from '../prepare-messages.ts';
import { loadSettings } from '../settings.ts';
import { stderrLogger } from '../stderr-logger.ts';
import type { Topology } from '../topology.ts';

/** The part of a client that an outbox needs; a whole client is one too. */
export type Preparer = Pick<Client, 'settings' | 'log' | 'runtime' | 'prepare'>;

export interface PreparerOptions extends Pick<ClientOptions, 'settings' | 'runtime' | 'log'> {
  readonly topology: Topology;
}

/** @throws CellarError `bad-settings`; `not-supported` for a broker that is not on AWS */
export function openPreparer(options: PreparerOptions): Preparer {
  const { settings = loadSettings(process.env), runtime = systemRuntime, topology } = options;
  const log = options.log ?? stderrLogger(settings, runtime);
  for (const warning of settings.warnings) log.warn(warning);
  if (!settings.brokerUrl.startsWith('sqs:')) {
    throw new CellarError('not-supported', 'an outbox is prepared for a broker that is not on AWS, allowed: sqs:');
  }
  const composer = new Composer({ topology, runtime, originName: originName() });
  const capabilities = awsCapabilities({ storesPayloads: true });
  return {
    settings,
    log,
    runtime,
    prepare: (compose) => prepareMessages({ composer, capabilities, nowMs: runtime.clock.now() }, compose),
  };
}
