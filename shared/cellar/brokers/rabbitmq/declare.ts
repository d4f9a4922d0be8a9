/** Makes exchanges, queues and bindings exist. */
import type { ConfirmChannel } from 'amqplib';
import type { Topology } from '../../topology.ts';
import type { RabbitmqConnection } from './connection.ts';
import { conflictOf, declareConflict } from './declare-conflict.ts';
import { delayLevels, dueBindingKey } from './delay-levels.ts';
import { DEAD_EXCHANGE, DUE_EXCHANGE, deadLetterQueue, UNDELIVERED } from './rabbitmq-names.ts';

/** One thing to declare; the server closes the channel on which it refuses one. */
type Declaration = (channel: ConfirmChannel) => Promise<unknown>;

type QueueSettings = Topology['queues'][string];

const ANSWER_WITHIN_MS = 10_000;
const QUORUM = { 'x-queue-type': 'quorum' } as const;
/**
 * From RabbitMQ 4.0 on a quorum queue drops a message that came back 20 times, unless told otherwise; a look into a
 * dead-letter queue is such a coming back.
 */
const NO_DELIVERY_LIMIT = { 'x-delivery-limit': 1_000_000_000 } as const;

/**
 * Declares a topology, with a dead-letter queue for each queue. Arguments are as few as possible, so that Celery's
 * workers, which declare the queues that they use, ask for the same.
 * @throws CellarError `declare-conflict` with every difference found; `broker-unavailable`, `closed`
 */
export async function declareTopology(connection: RabbitmqConnection, topology: Topology): Promise<void> {
  const queues = Object.entries(topology.queues);
  const taken = queues.filter(([name]) => topology.queues[deadLetterQueue(name)] !== undefined);
  if (taken.length > 0) {
    const own = ([name]: (typeof queues)[number]) =>
      `queue '${deadLetterQueue(name)}' is declared, but is the dead-letter queue of '${name}'; name it otherwise`;
    throw declareConflict(taken.map(own));
  }
  await declareAll(connection, [
    ...Object.entries(topology.exchanges).map(([name, { type, alternate }]): Declaration => {
      const options = alternate === undefined ? {} : { arguments: { 'alternate-exchange': alternate } };
      return (channel) => channel.assertExchange(name, type, { durable: true, ...options });
    }),
    ...queues.map(([name, settings]): Declaration => {
      return (channel) => channel.assertQueue(name, { durable: true, arguments: queueArguments(settings) });
    }),
    ...(queues.length === 0 ? [] : [deadExchange]),
    ...queues.flatMap(([name]) => deadLetters(name)),
  ]);
  await declareAll(connection, topology.bindings.map(bound));
}

/** Declares the dead-letter queue of a queue that another program declared. */
export async function declareDeadLetters(connection: RabbitmqConnection, queue: string): Promise<void> {
  await declareAll(connection, [deadExchange, ...deadLetters(queue)]);
}

/** Declares the levels of delay; about 0.5 s the first time. */
export async function declareDelays(connection: RabbitmqConnection): Promise<void> {
  const undelivered = { durable: true, arguments: { 'alternate-exchange': UNDELIVERED } };
  await declareAll(connection, [
    (channel) => channel.assertExchange(UNDELIVERED, 'fanout', { durable: true }),
    (channel) => channel.assertQueue(UNDELIVERED, { durable: true, arguments: { ...QUORUM, ...NO_DELIVERY_LIMIT } }),
    (channel) => channel.bindQueue(UNDELIVERED, UNDELIVERED, ''),
    (channel) => channel.assertExchange(DUE_EXCHANGE, 'topic', undelivered),
    ...delayLevels.flatMap(({ queue, ttlMs, exchange, nextExchange, stayKey, passKey }): Declaration[] => [
      (channel) => channel.assertExchange(exchange, 'topic', { durable: true }),
      (channel) => channel.assertQueue(queue, { durable: true, arguments: delayArguments(ttlMs, nextExchange) }),
      (channel) => channel.bindQueue(queue, exchange, stayKey),
      (channel) => channel.bindExchange(nextExchange, exchange, passKey),
    ]),
  ]);
}

/** Lets delayed messages come to a queue; the channel's error is thrown on, 404 where there is no such queue. */
export async function bindDelayed(connection: RabbitmqConnection, queue: string): Promise<void> {
  await connection.use((channel) => channel.bindQueue(queue, DUE_EXCHANGE, dueBindingKey(queue)), ANSWER_WITHIN_MS);
}

const deadExchange: Declaration = (channel) => channel.assertExchange(DEAD_EXCHANGE, 'direct', { durable: true });

/** Of one kind whatever its queue's is, which may be made anew as another. */
function deadLetters(queue: string): Declaration[] {
  const name = deadLetterQueue(queue);
  const options = { durable: true, arguments: { ...QUORUM, ...NO_DELIVERY_LIMIT } };
  return [(channel) => channel.assertQueue(name, options), (channel) => channel.bindQueue(name, DEAD_EXCHANGE, queue)];
}

function queueArguments({ type, maxPriority, ordered }: QueueSettings): Readonly<Record<string, unknown>> {
  return {
    ...(type === 'quorum' ? QUORUM : undefined),
    ...(maxPriority > 0 ? { 'x-max-priority': maxPriority } : undefined),
    ...(ordered ? { 'x-single-active-consumer': true } : undefined),
  };
}

/** Nothing is lost between two levels: a message leaves one when the next has confirmed it. */
function delayArguments(ttlMs: number, nextExchange: string): Readonly<Record<string, unknown>> {
  return {
    ...QUORUM,
    ...NO_DELIVERY_LIMIT,
    'x-message-ttl': ttlMs,
    'x-dead-letter-exchange': nextExchange,
    'x-dead-letter-strategy': 'at-least-once',
    'x-overflow': 'reject-publish',
  };
}

function bound({
  exchange,
  queue,
  toExchange,
  key = '',
  arguments: wanted = {},
}: Topology['bindings'][number]): Declaration {
  if (toExchange !== undefined) return (channel) => channel.bindExchange(toExchange, exchange, key, wanted);
  return (channel) => channel.bindQueue(queue ?? '', exchange, key, wanted);
}

/** One after the other; after a refusal the rest goes on with a new channel, so that all differences are told at once. */
async function declareAll(connection: RabbitmqConnection, declarations: readonly Declaration[]): Promise<void> {
  const problems: string[] = [];
  for (let next = 0; next < declarations.length; ) {
    await connection.use(async (channel) => {
      try {
        for (; next < declarations.length; next++) await declarations[next]?.(channel);
      } catch (error) {
        const conflict = conflictOf(error);
        if (conflict === undefined) throw connection.unavailable(error);
        problems.push(conflict);
        next++;
      }
    }, ANSWER_WITHIN_MS);
  }
  if (problems.length > 0) throw declareConflict(problems);
}
