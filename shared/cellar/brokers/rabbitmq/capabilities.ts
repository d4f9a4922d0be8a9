import type { BrokerCapabilities } from '../../broker.ts';
import { MAX_DELAY_SECONDS } from './delay-levels.ts';

/** Body and headers; the server takes eight times as much (`max_message_size`) and suffers from it. */
export const MAX_MESSAGE_BYTES = 16 * 1_048_576;

export interface ServerExtent {
  /** How long the server lets a consumer hold a message (`consumer_timeout`), in seconds; it cannot be asked for it. */
  readonly maxHoldSeconds: number;
}

/** What RabbitMQ can do, from 3.10 on. */
export function rabbitmqCapabilities({ maxHoldSeconds }: ServerExtent): BrokerCapabilities {
  return {
    priority: 'declared-queues',
    deduplicationSeconds: 0,
    deduplicationScope: 'queue',
    messageGroups: 'declared-queues',
    severalOfGroup: true,
    orderedWithoutGroup: true,
    extend: false,
    orderKeptAfterRelease: true,
    deliveryCount: 'every-receive',
    maxDelaySeconds: MAX_DELAY_SECONDS,
    uncancellableDelaySeconds: MAX_DELAY_SECONDS,
    peekable: ['dead'],
    exactCounts: false,
    purgesAll: false,
    maxMessageBytes: MAX_MESSAGE_BYTES,
    maxHoldSeconds,
    transactional: false,
    durable: true,
    shared: true,
  };
}
