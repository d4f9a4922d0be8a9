/** Looking into a dead-letter queue and sending back what is in it. */
import type { AwsCalls, SqsMessage } from '../../aws/calls.ts';
import { type AwsLocation, awsNames, queueUrl } from '../../aws/location.ts';
import type { PeekedMessage } from '../../broker.ts';
import { decodeEnvelope } from '../../celery/sqs-envelope.ts';
import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { nextGeneration } from '../next-generation.ts';
import type { Batches } from './batches.ts';
import { DELIVERY_ATTRIBUTES } from './delivery-of.ts';
import { queueError } from './faults.ts';
import { askedGroup, fittingId, groupIdOf } from './message-ids.ts';
import { messageText } from './message-text.ts';

export interface DeadLetterParts {
  readonly broker: { readonly batches: Batches };
  readonly calls: AwsCalls;
  readonly location: AwsLocation;
  readonly runtime: { readonly clock: Clock };
  readonly queue: string;
  /** The queue's name on AWS. */
  readonly name: string;
}

export interface DeadLetters {
  peek(limit: number): Promise<readonly PeekedMessage[]>;
  redrive(limit: number): Promise<number>;
}

/** How long what is looked at or sent back is held, in seconds; it is given back as soon as that is done. */
const HOLD_SECONDS = 30;
/** Why SQS itself moved a message: it was received `maxReceiveCount` times. */
const RECEIVE_LIMIT = 'receive-limit';

/**
 * Of one message group SQS shows the first ten at most while it holds them, so that a look may miss some; what is
 * looked at is hidden from others in that moment. Order is kept within a group and about so across groups.
 */
export function openDeadLetters(parts: DeadLetterParts): DeadLetters {
  const { broker, calls, location, queue, name } = parts;
  const deadName = awsNames.deadLetterQueue(location.prefix, queue);
  const QueueUrl = queueUrl(location, deadName);
  const { batches } = broker;

  /** Up to `limit` messages, held, in rounds of ten. */
  async function* held(limit: number): AsyncGenerator<readonly SqsMessage[]> {
    for (let left = limit; left > 0; ) {
      const some = await receive(Math.min(10, left));
      if (some.length === 0) return;
      left -= some.length;
      yield some;
    }
  }

  async function receive(count: number): Promise<readonly SqsMessage[]> {
    const input = { QueueUrl, MaxNumberOfMessages: count, WaitTimeSeconds: 1, VisibilityTimeout: HOLD_SECONDS };
    try {
      const attributes = { MessageSystemAttributeNames: DELIVERY_ATTRIBUTES };
      return (await calls.call('sqs:ReceiveMessage', { ...input, ...attributes })).Messages ?? [];
    } catch (error) {
      throw queueError(error, queue);
    }
  }

  async function giveBack(messages: readonly SqsMessage[]): Promise<void> {
    const visibilities = batches.visibilities(deadName);
    await Promise.all(
      messages.map(({ ReceiptHandle }) => visibilities.add({ ReceiptHandle, VisibilityTimeout: 0 }, { bytes: 0 })),
    );
  }

  /** Sent before it is deleted, with an id that a second try repeats. */
  async function sendBack({ MessageId, ReceiptHandle, Body, Attributes }: SqsMessage): Promise<void> {
    const { message, carriage } = decodeEnvelope(Body);
    const { reason: _reason, diedAtMs: _diedAtMs, queue: _queue, dueAtMs: _dueAtMs, ...rest } = carriage;
    const source = { ...rest, correlationId: message.correlationId };
    const messageGroup = askedGroup(source, Attributes?.MessageGroupId);
    const deduplicationId = `redrive:${MessageId}`;
    const again = { ...rest, deduplicationId, ...(messageGroup === undefined ? undefined : { messageGroup }) };
    const { text, bytes } = messageText(
      nextGeneration(message),
      again,
      again.routingKey ?? awsNames.celeryQueue(queue),
    );
    const group = groupIdOf({ messageGroup, deduplicationId, correlationId: message.correlationId });
    const ids = { MessageGroupId: group, MessageDeduplicationId: fittingId(deduplicationId) };
    const fault =
      (await batches.sends(name).add({ MessageBody: text, ...ids }, { bytes, group })) ??
      (await batches.deletes(deadName).add({ ReceiptHandle }, { bytes: 0 }));
    if (fault !== undefined) throw new CellarError('broker-unavailable', `queue '${queue}': ${fault.message}`);
  }

  return {
    async peek(limit) {
      const seen: SqsMessage[] = [];
      try {
        for await (const some of held(limit)) seen.push(...some);
      } finally {
        await giveBack(seen);
      }
      return seen.toSorted((one, other) => diedAt(one) - diedAt(other)).map((message) => shown(queue, message));
    },
    async redrive(limit) {
      const beginMs = parts.runtime.clock.now();
      let sent = 0;
      for await (const some of held(limit)) {
        // What dies again meanwhile is left, or this would never end.
        const [old, fresh] = [
          some.filter((one) => diedAt(one) <= beginMs),
          some.filter((one) => diedAt(one) > beginMs),
        ];
        await Promise.all([...old.map(sendBack), giveBack(fresh)]);
        sent += old.length;
        if (fresh.length > 0) break;
      }
      return sent;
    },
  };
}

function shown(queue: string, sqsMessage: SqsMessage): PeekedMessage {
  const { Body, Attributes = {} } = sqsMessage;
  const { message, carriage } = decodeEnvelope(Body);
  const messageGroup = askedGroup({ ...carriage, correlationId: message.correlationId }, Attributes.MessageGroupId);
  return {
    queue,
    place: 'dead',
    message,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    deliveryCount: Number(Attributes.ApproximateReceiveCount ?? 0),
    enqueuedAtMs: Number(Attributes.SentTimestamp ?? 0),
    reason: carriage.reason ?? RECEIVE_LIMIT,
    diedAtMs: diedAt(sqsMessage),
  };
}

function diedAt({ Body, Attributes }: SqsMessage): number {
  return decodeEnvelope(Body).carriage.diedAtMs ?? Number(Attributes?.SentTimestamp ?? 0);
}
