import type { ConfirmChannel } from 'amqplib';
import type { BrokerAdmin, QueueCounts } from '../../broker.ts';
import { CellarError } from '../../errors.ts';
import type { RabbitmqConnection } from './connection.ts';
import { AT_ONCE, lookAtDead, peekedDead, redriven, takeDead } from './dead-letters.ts';
import { isGone } from './faults.ts';
import type { RabbitmqBroker } from './rabbitmq-broker.ts';
import { deadLetterQueue } from './rabbitmq-names.ts';

const ANSWER_WITHIN_MS = 10_000;
/** How often a queue is counted until two counts agree. */
const MOST_LOOKS = 10;

/** What people and tools do to queues on RabbitMQ, as far as AMQP lets them. */
export function rabbitmqAdmin(broker: RabbitmqBroker, connection: RabbitmqConnection): BrokerAdmin {
  /** @throws CellarError `unknown-queue` where the queue that the work is about is not there */
  async function use<T>(queue: string, work: (channel: ConfirmChannel) => Promise<T>): Promise<T> {
    broker.refuseWhenClosed();
    try {
      return await connection.use(work, ANSWER_WITHIN_MS);
    } catch (error) {
      if (isGone(error))
        throw new CellarError('unknown-queue', `there is no queue '${queue}'; declare it in the topology`);
      throw error instanceof CellarError ? error : connection.unavailable(error);
    }
  }

  /** How many messages wait in a queue of the server. */
  async function waitingIn(queue: string): Promise<number> {
    return (await use(queue, (channel) => channel.checkQueue(queue))).messageCount;
  }

  async function countsOf(queue: string): Promise<QueueCounts> {
    const [ready, dead] = await Promise.all([readyIn(queue), waitingIn(deadLetterQueue(queue)).catch(nothingThere)]);
    return { queue, ready, dead };
  }

  /** With what this process has fetched ahead; looks again while messages are on their way from there to here. */
  async function readyIn(queue: string): Promise<number> {
    let seen: number | undefined;
    for (let looks = 0; looks < MOST_LOOKS; looks++) {
      const before = broker.deliveries.receiver(queue)?.waiting;
      const there = await waitingIn(queue);
      const here = broker.deliveries.receiver(queue)?.waiting;
      if (here === undefined) return there;
      if (before === here && seen === there + here) return seen;
      seen = there + here;
    }
    return seen ?? 0;
  }

  return {
    async counts(names = broker.queues) {
      broker.refuseWhenClosed();
      return await Promise.all(names.map(countsOf));
    },
    async peek(queue, { place, limit }) {
      if (place !== 'dead') {
        broker.refuseWhenClosed();
        throw new CellarError(
          'not-supported',
          `RabbitMQ cannot show what is ${place} without taking it, allowed: dead`,
        );
      }
      const found = await use(queue, (channel) => lookAtDead(channel, deadLetterQueue(queue), limit));
      return found.map((raw) => peekedDead(queue, raw));
    },
    async purge(queue) {
      const { messageCount } = await use(queue, (channel) => channel.purgeQueue(queue));
      return messageCount + (broker.deliveries.receiver(queue)?.discardWaiting() ?? 0);
    },
    async redrive(queue, { limit = Number.POSITIVE_INFINITY } = {}) {
      let sent = 0;
      for (let isMore = true; isMore && sent < limit; ) {
        const asked = Math.min(AT_ONCE, limit - sent);
        const came = await use(queue, (channel) => redriveSome(channel, queue, asked));
        sent += came;
        isMore = came === asked;
      }
      return sent;
    },
    cancelDelayed: async () => {
      broker.refuseWhenClosed();
      return undefined; // a message on its way through the levels cannot be reached: it is revoked
    },
  };

  /** Those that were sent are taken off; the others stay, in their order. */
  async function redriveSome(channel: ConfirmChannel, queue: string, limit: number): Promise<number> {
    const taken = await takeDead(channel, deadLetterQueue(queue), limit);
    const refusals = await broker.publisher.send(taken.map((raw) => redriven(queue, raw)));
    const sent = taken.filter((_, index) => refusals[index] === undefined);
    for (const raw of sent) channel.ack(raw);
    const refused = refusals.find((refusal) => refusal !== undefined);
    if (refused !== undefined) throw new CellarError(refused.code, refused.reason);
    return sent.length;
  }
}

function nothingThere(error: unknown): number {
  if (error instanceof CellarError && error.code === 'unknown-queue') return 0;
  throw error;
}
