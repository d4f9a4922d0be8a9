import type { Broker, BrokerCapabilities, OutgoingMessage, PublishOutcome } from '../../broker.ts';
import { CellarError } from '../../errors.ts';
import { refusal } from '../plan-publish.ts';
import type { EmbeddedFile } from './embedded-file.ts';
import { closedError } from './group-commit.ts';
import type { Publisher } from './publish.ts';
import type { QueueRegistry } from './queue-registry.ts';
import type { Receivers } from './receivers.ts';
import type { Settler } from './settle.ts';

export interface BrokerParts {
  readonly capabilities: BrokerCapabilities;
  readonly file: EmbeddedFile;
  readonly queues: QueueRegistry;
  readonly publisher: Publisher;
  readonly receivers: Receivers;
  readonly settler: Settler;
  readonly close: () => Promise<void>;
}

/** Messages in one transaction: more would hold the lock too long. */
const CHUNK = 128;

/** The broker port over its parts. */
export function embeddedBroker(parts: BrokerParts): Broker {
  const { file, queues, publisher, receivers, settler } = parts;

  async function publishSome(messages: readonly OutgoingMessage[]): Promise<readonly PublishOutcome[]> {
    const planned = publisher.plan(messages);
    try {
      return await file.write(() => publisher.insert(planned));
    } catch (error) {
      if (!(error instanceof CellarError) || error.code !== 'broker-unavailable') throw error;
      return messages.map(() => refusal('broker-unavailable', error.message));
    }
  }

  return {
    capabilities: parts.capabilities,
    declare: (topology) => queues.declare(topology),
    async publish(messages) {
      if (file.isClosed()) throw closedError();
      if (messages.length <= CHUNK) return await publishSome(messages);
      const chunks: Promise<readonly PublishOutcome[]>[] = [];
      for (let from = 0; from < messages.length; from += CHUNK)
        chunks.push(publishSome(messages.slice(from, from + CHUNK)));
      return (await Promise.all(chunks)).flat();
    },
    async receive(queue, options) {
      if (file.isClosed()) throw closedError();
      return await receivers.receive(queues.get(queue), options);
    },
    async settle(settlements) {
      if (file.isClosed()) throw closedError();
      return await settler.settle(settlements);
    },
    async extend(deliveries, seconds) {
      return await settler.extend(deliveries, seconds);
    },
    close: parts.close,
  };
}
