/** Message group and deduplication ids as SQS and SNS FIFO take them (SQS API, SendMessage). */
import { hash } from 'node:crypto';

/** What a message says about its order and its identity, and whose task it is. */
export interface IdSource {
  readonly messageGroup?: string | undefined;
  readonly deduplicationId?: string | undefined;
  readonly correlationId: string;
}

/** 1 to 128 letters, digits and punctuation of ASCII. */
const FITTING = /^[\x21-\x7e]{1,128}$/;

/** The id itself where AWS takes it, else its hash. */
export function fittingId(id: string): string {
  return FITTING.test(id) ? id : hash('sha256', id);
}

/**
 * The message group on AWS: the message's own, else one derived from its deduplication id, else its task id.
 *
 * High-throughput FIFO deduplicates within a message group, so that two sends with one deduplication id must meet
 * in one group.
 */
export function groupIdOf({ messageGroup, deduplicationId, correlationId }: IdSource): string {
  return fittingId(messageGroup ?? deduplicationId ?? correlationId);
}

/** The message group that a sender asked for, from what SQS delivers; `undefined` where {@link groupIdOf} derived it. */
export function askedGroup(source: IdSource, groupId: string | undefined): string | undefined {
  if (source.messageGroup !== undefined) return source.messageGroup;
  return groupId === groupIdOf(source) ? undefined : groupId;
}
