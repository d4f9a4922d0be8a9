/** Messages for an outbox: composed and checked as those that are sent, and not published. */
import type { BrokerCapabilities, OutgoingMessage } from './broker.ts';
import type { Composer } from './composer.ts';
import { type MessageWriter, messageWriter } from './message-writer.ts';
import { attemptKey } from './outgoing.ts';
import { checkCarried } from './worker/check-carried.ts';

export interface CarriedBy {
  readonly composer: Composer;
  readonly capabilities: BrokerCapabilities;
  readonly nowMs: number;
}

/**
 * JSON values; each has a deduplication id, so that publishing one again within the window has no effect.
 * @throws CellarError for what cannot be composed, or the broker could not carry
 */
export function prepareMessages(
  { composer, capabilities, nowMs }: CarriedBy,
  compose: (writer: MessageWriter) => void,
): readonly OutgoingMessage[] {
  const prepared: OutgoingMessage[] = [];
  compose(
    messageWriter(composer, (message) => {
      checkCarried(message, capabilities, nowMs);
      prepared.push({
        ...message,
        deduplicationId: message.deduplicationId ?? attemptKey(message.correlationId, 0, 0),
      });
    }),
  );
  return prepared;
}
