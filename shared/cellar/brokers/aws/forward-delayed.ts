/** Moves messages from the delay queue to their FIFO queues when they are due. */
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type { PeekedMessage } from '../../broker.ts';
import { decodeEnvelope, type Envelope } from '../../celery/sqs-envelope.ts';
import type { Runtime } from '../../clock.ts';
import type { ResultStore, ResultUpdate } from '../../result-store.ts';
import type { Batches } from './batches.ts';
import { queueDelaySeconds } from './delay.ts';
import { fittingId, groupIdOf } from './message-ids.ts';

/** A message as the delay queue gave it. */
export interface DelayedMessage {
  readonly messageId: string;
  readonly body: string;
}

/** Says per message why it could not be moved, in order; `undefined` = it may be deleted. */
export type ForwardDelayed = (messages: readonly DelayedMessage[]) => Promise<readonly (string | undefined)[]>;

export interface ForwarderParts {
  readonly location: AwsLocation;
  readonly runtime: Runtime;
  readonly batches: Batches;
  readonly results: Pick<ResultStore, 'revoked' | 'store'>;
  /** The state that a revoked task ends in. */
  readonly revokedUpdate: (id: string, message: PeekedMessage, nowMs: number) => ResultUpdate;
}

interface Waiting extends DelayedMessage {
  readonly envelope: Envelope;
  readonly dueAtMs: number;
}

/**
 * What is not due goes back for the rest of its time, so that nothing is early; what was revoked is dropped and is
 * REVOKED; what is due goes to its queue, text unchanged, with the group and deduplication id that it was sent with.
 * Throws where the result store does not answer.
 */
export function forwardDelayed(parts: ForwarderParts): ForwardDelayed {
  const { runtime, batches, results, location } = parts;
  const { prefix } = location;

  async function again({ body, dueAtMs }: Waiting): Promise<string | undefined> {
    const entry = { MessageBody: body, DelaySeconds: queueDelaySeconds(dueAtMs, runtime.clock.now()) };
    const fault = await batches.sends(awsNames.delayQueue(prefix)).add(entry, { bytes: Buffer.byteLength(body) });
    return fault?.message;
  }

  async function drop({ envelope: { message, carriage } }: Waiting): Promise<undefined> {
    const nowMs = runtime.clock.now();
    const [queue, place] = [carriage.queue ?? '', 'delayed'] as const;
    const peeked = { queue, place, message, deliveryCount: 0, enqueuedAtMs: nowMs };
    await results.store([parts.revokedUpdate(message.correlationId, peeked, nowMs)]);
  }

  async function move({ messageId, body, envelope: { message, carriage } }: Waiting): Promise<string | undefined> {
    const { queue, messageGroup, deduplicationId } = carriage;
    if (queue === undefined) return 'it does not say which queue it is for';
    const group = groupIdOf({ messageGroup, deduplicationId, correlationId: message.correlationId });
    const MessageDeduplicationId = fittingId(deduplicationId ?? messageId);
    const entry = { MessageBody: body, MessageGroupId: group, MessageDeduplicationId };
    const place = { bytes: Buffer.byteLength(body), group };
    return (await batches.sends(awsNames.queue(prefix, queue)).add(entry, place))?.message;
  }

  return async (messages) => {
    const nowMs = runtime.clock.now();
    const waiting = messages.map((message): Waiting => {
      const envelope = decodeEnvelope(message.body);
      return { ...message, envelope, dueAtMs: envelope.carriage.dueAtMs ?? 0 };
    });
    const due = waiting.filter(({ dueAtMs }) => dueAtMs <= nowMs);
    const revoked =
      due.length === 0
        ? new Set()
        : await results.revoked(
            due.map(({ envelope: { message } }) => message.correlationId).filter((id) => id !== ''),
          );
    const faults = new Map<Waiting, string | undefined>();
    const stepOf = (one: Waiting) => {
      if (one.dueAtMs > nowMs) return again;
      return revoked.has(one.envelope.message.correlationId) ? drop : move;
    };
    const handle = async (one: Waiting): Promise<void> => {
      faults.set(one, await stepOf(one)(one));
    };
    // What was kept waiting arrives in the order of its time.
    await Promise.all(waiting.toSorted((one, other) => one.dueAtMs - other.dueAtMs).map(handle));
    return waiting.map((one) => faults.get(one));
  };
}
