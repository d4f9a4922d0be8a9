/**
 * What Celery declares for events and remote control, argument for argument: whoever comes first declares it, and the
 * others' declarations must be the same (celery/events/event.py, kombu/pidbox.py; control_queue_ttl, event_queue_ttl).
 */
import type { Channel } from 'amqplib';

export const EVENTS = 'celeryev';
export const REQUESTS = 'celery.pidbox';
export const REPLIES = 'reply.celery.pidbox';

export async function assertEvents(channel: Channel): Promise<void> {
  await channel.assertExchange(EVENTS, 'topic', { durable: true });
}

export async function assertRequests(channel: Channel): Promise<void> {
  await channel.assertExchange(REQUESTS, 'fanout', { durable: false });
}

/** Where answers go: of an asker's choice, as Celery's are made at each answer. */
export async function assertReplies(channel: Channel, exchange: string = REPLIES): Promise<void> {
  await channel.assertExchange(exchange, 'direct', { durable: false });
}

const MAILBOX = { durable: false, autoDelete: true, messageTtl: 300_000, expires: 10_000 };
const LISTENER = { durable: false, autoDelete: true, messageTtl: 5_000, expires: 60_000 };

/** The queue of a node's requests; answers how many others take from it already. */
export async function assertMailbox(channel: Channel, nodeName: string): Promise<{ queue: string; others: number }> {
  const queue = `${nodeName}.${REQUESTS}`;
  await assertRequests(channel);
  const { consumerCount } = await channel.assertQueue(queue, MAILBOX);
  await channel.bindQueue(queue, REQUESTS, '');
  return { queue, others: consumerCount };
}

/** The queue of an asker's answers. */
export async function assertReplyQueue(channel: Channel, id: string): Promise<string> {
  const queue = `${id}.${REPLIES}`;
  await assertReplies(channel);
  await channel.assertQueue(queue, MAILBOX);
  await channel.bindQueue(queue, REPLIES, id);
  return queue;
}

/** The queue of one who listens to all events. */
export async function assertListener(channel: Channel, id: string): Promise<string> {
  const queue = `${EVENTS}.${id}`;
  await assertEvents(channel);
  await channel.assertQueue(queue, LISTENER);
  await channel.bindQueue(queue, EVENTS, '#');
  return queue;
}
