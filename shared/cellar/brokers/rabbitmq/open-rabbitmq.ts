import type { Backend } from '../../backend.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { Logger } from '../../log.ts';
import type { ScheduleStore } from '../../result-store.ts';
import { openRpcResults } from '../../results/rpc/open-rpc-results.ts';
import type { Stores } from '../with-stores.ts';
import { rabbitmqCapabilities } from './capabilities.ts';
import { RabbitmqConnection } from './connection.ts';
import { rabbitmqControlBus } from './control-bus.ts';
import { rabbitmqAdmin } from './rabbitmq-admin.ts';
import { RabbitmqBroker } from './rabbitmq-broker.ts';
import { parseRabbitmqUrl } from './rabbitmq-url.ts';
import { openReplies } from './rpc-channel.ts';

export interface RabbitmqOptions {
  /** As `parseRabbitmqUrl` reads it. */
  readonly url: string;
  readonly runtime: Runtime;
  /** Told when a connection is lost, made again, blocked or unblocked. */
  readonly log: Logger;
  /** How long results are kept. */
  readonly resultExpiresSeconds: number;
  /** How long the server lets a consumer hold a message. @default 1800, as the server */
  readonly consumerTimeoutSeconds?: number;
  /** Where results are kept; closed with the broker. @default as messages to whoever waits for them (`rpc:`) */
  readonly stores?: Stores;
}

const CONSUMER_TIMEOUT_SECONDS = 1_800;

/**
 * Opens RabbitMQ, on two connections that are made when they are needed and again when they are lost.
 * @throws CellarError `bad-settings`; `broker-unavailable` where results are messages and no node answers within 10 s
 */
export async function openRabbitmq(options: RabbitmqOptions): Promise<Backend> {
  const { runtime, log, resultExpiresSeconds, consumerTimeoutSeconds = CONSUMER_TIMEOUT_SECONDS } = options;
  const address = parseRabbitmqUrl(options.url);
  const connect = (use: string) => new RabbitmqConnection({ address, runtime, log, name: `cellar, ${use}` });
  const publishing = connect('publishing');
  const consuming = connect('consuming');
  try {
    const stores = options.stores ?? (await openRpc());
    const { results, schedules = noSchedules } = stores;
    const broker = new RabbitmqBroker({
      publishing,
      consuming,
      clock: runtime.clock,
      capabilities: rabbitmqCapabilities({ maxHoldSeconds: consumerTimeoutSeconds }),
      storeResult: (update) => results.store([update]),
      onClose: () => results.close(),
    });
    const control = rabbitmqControlBus({ publishing, consuming, runtime, log });
    return { ...stores, broker, admin: rabbitmqAdmin(broker, consuming), results, schedules, control };
  } catch (error) {
    await Promise.all([publishing.close(), consuming.close()]);
    throw error;
  }

  async function openRpc(): Promise<Stores> {
    const replies = await openReplies({ publishing, consuming, runtime });
    return { results: openRpcResults({ replies, runtime, resultExpiresSeconds }) };
  }
}

/** Nothing here remembers what beat has sent. */
const noSchedules: ScheduleStore = { lastFired: refuseBeat, advance: refuseBeat };

async function refuseBeat(): Promise<never> {
  throw new CellarError(
    'not-supported',
    'beat needs to remember what it has sent, and results as messages (rpc:) are kept nowhere, allowed: redis:',
  );
}
