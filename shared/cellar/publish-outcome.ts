/** What became of a message, for a caller who wants it accepted. */
import type { OutgoingMessage, PublishOutcome } from './broker.ts';
import { CellarError } from './errors.ts';

export interface Accepted {
  readonly id: string;
  /** False when its deduplication id had been seen. */
  readonly isNew: boolean;
}

/** @throws CellarError with the broker's code when it refused the message */
export function acceptedOf(message: OutgoingMessage, outcome: PublishOutcome | undefined): Accepted {
  if (outcome?.status === 'refused') throw new CellarError(outcome.code, outcome.reason);
  return { id: message.correlationId, isNew: outcome?.status === 'accepted' };
}
