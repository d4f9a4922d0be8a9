/** Messages that died, in the dead-letter queue of their queue: put there, looked at, sent back. */
import type { ConfirmChannel, GetMessage } from 'amqplib';
import type { Delivery, OutgoingMessage, PeekedMessage } from '../../broker.ts';
import { nextGeneration } from '../next-generation.ts';
import { DEAD_EXCHANGE, WIRE_HEADERS } from './rabbitmq-names.ts';
import { numberHeader, type RawMessage, type ReceivedMessage, rawMessage, textHeader, wireMessage } from './wire.ts';

/** As many as are taken out at once to be sent back. */
export const AT_ONCE = 500;

/** What is put into the dead-letter queue for a delivery. */
export function deadMessage(delivery: Delivery, reason: string, nowMs: number): OutgoingMessage {
  const { message, queue, messageGroup, priority } = delivery;
  return {
    ...message,
    headers: { ...message.headers, [WIRE_HEADERS.reason]: reason, [WIRE_HEADERS.diedAt]: nowMs },
    exchange: DEAD_EXCHANGE,
    routingKey: queue,
    mandatory: true,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(priority === undefined ? undefined : { priority }),
  };
}

/**
 * Up to `limit` of a dead-letter queue, the oldest first. A quorum queue puts what was looked at behind what was not, so
 * that all are taken out for a moment, and only of very many a part.
 */
export async function lookAtDead(
  channel: ConfirmChannel,
  deadQueue: string,
  limit: number,
): Promise<readonly GetMessage[]> {
  return (await takeDead(channel, deadQueue, Math.max(limit, 2 * AT_ONCE))).slice(0, limit);
}

/** Takes up to so many out, until they are acknowledged or the channel is closed. */
export async function takeDead(
  channel: ConfirmChannel,
  deadQueue: string,
  limit: number,
): Promise<readonly GetMessage[]> {
  const taken: GetMessage[] = [];
  while (taken.length < limit) {
    const message = await channel.get(deadQueue);
    if (message === false) break;
    taken.push(message);
  }
  return taken;
}

export function peekedDead(queue: string, raw: ReceivedMessage): PeekedMessage {
  const reason = textHeader(raw, WIRE_HEADERS.reason);
  const diedAtMs = numberHeader(raw, WIRE_HEADERS.diedAt) ?? 0;
  const messageGroup = textHeader(raw, WIRE_HEADERS.messageGroup);
  return {
    queue,
    place: 'dead',
    message: wireMessage(raw),
    deliveryCount: 1,
    enqueuedAtMs: diedAtMs,
    diedAtMs,
    ...(reason === undefined ? undefined : { reason }),
    ...(messageGroup === undefined ? undefined : { messageGroup }),
  };
}

/** The message as a redrive sends it to its queue. */
export function redriven(queue: string, raw: ReceivedMessage): RawMessage {
  const messageGroup = textHeader(raw, WIRE_HEADERS.messageGroup);
  const { priority } = raw.properties;
  const message: OutgoingMessage = {
    ...nextGeneration(wireMessage(raw)),
    exchange: '',
    routingKey: queue,
    mandatory: true,
    ...(messageGroup === undefined ? undefined : { messageGroup }),
    ...(typeof priority === 'number' ? { priority } : undefined),
  };
  return rawMessage(message);
}
