/** What SQS, SNS and EventBridge Scheduler can do together. */
import type { BrokerCapabilities } from '../../broker.ts';
import { MAX_DELAY_SECONDS, MAX_QUEUE_DELAY_SECONDS, SQS_MAX_BYTES } from './limits.ts';

/** With bodies in S3; a function of 256 MB can hold it and its JSON. */
const MAX_PAYLOAD_BYTES = 16 * 1_048_576;
/** What the envelope adds to a message without large headers. */
const ENVELOPE_BYTES = 4_096;

export interface AwsExtent {
  /** Bodies that are too large to travel go to S3. */
  readonly storesPayloads: boolean;
  /** @default as long as EventBridge Scheduler holds one */
  readonly maxDelaySeconds?: number | undefined;
}

export function awsCapabilities({
  storesPayloads,
  maxDelaySeconds = MAX_DELAY_SECONDS,
}: AwsExtent): BrokerCapabilities {
  return {
    priority: 'none',
    deduplicationSeconds: 300,
    deduplicationScope: 'group',
    messageGroups: 'every-queue',
    severalOfGroup: true,
    orderedWithoutGroup: false,
    extend: true,
    orderKeptAfterRelease: true,
    deliveryCount: 'every-receive',
    maxDelaySeconds,
    uncancellableDelaySeconds: MAX_QUEUE_DELAY_SECONDS,
    peekable: ['dead'],
    exactCounts: false,
    purgesAll: false,
    maxMessageBytes: storesPayloads ? MAX_PAYLOAD_BYTES : SQS_MAX_BYTES - ENVELOPE_BYTES,
    transactional: false,
    durable: true,
    shared: true,
  };
}
