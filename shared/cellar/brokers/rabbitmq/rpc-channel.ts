/** Results as messages on RabbitMQ: to the queue that a caller named, and from the queue of this process. */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';
import { type Runtime, sleep } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import type { Replies, Reply } from '../../results/rpc/replies.ts';
import type { RabbitmqConnection } from './connection.ts';

export interface RepliesParts {
  /** A connection that publishes, and one that consumes; both stay the caller's to close. */
  readonly publishing: RabbitmqConnection;
  readonly consuming: RabbitmqConnection;
  readonly runtime: Runtime;
}

const WITHIN_MS = 10_000;
/** Before a reply is sent again. */
const PAUSE_MS = 50;

/**
 * As Celery's client declares it, but not deleted with its last consumer: replies that come while the connection is made
 * again are not lost. Who died without closing leaves it for these minutes.
 */
const QUEUE = { durable: true, autoDelete: false, exclusive: false, expires: 300_000 } as const;

/**
 * Declares the queue of this process and consumes it; the same queue again whenever the connection was lost.
 * @throws CellarError `broker-unavailable` after 10 s
 */
export async function openReplies({ publishing, consuming, runtime }: RepliesParts): Promise<Replies> {
  const name = runtime.newId();
  const early: Reply[] = [];
  let hear = (reply: Reply): void => void early.push(reply);
  const consumer = consuming.keep({
    async setUp(channel) {
      await channel.assertQueue(name, QUEUE);
      await channel.consume(name, (message) => {
        if (message === null) return void channel.close().catch(() => undefined); // the queue was deleted: made again
        hear(replyOf(message));
        channel.ack(message);
      });
    },
  });
  const sender = openSender(publishing, runtime);
  try {
    await consumer.ready(WITHIN_MS);
  } catch (error) {
    await consumer.close();
    await sender.close();
    throw error;
  }
  return {
    name,
    send: sender.send,
    listen(heard) {
      hear = heard;
      early.splice(0).forEach(heard);
    },
    async close() {
      await consumer.current?.deleteQueue(name).catch(() => undefined); // it expires by itself
      await consumer.close();
      await sender.close();
    },
  };
}

function replyOf({ content, properties }: ConsumeMessage): Reply {
  return {
    correlationId: String(properties.correlationId),
    contentType: String(properties.contentType),
    body: content.toString('utf8'),
  };
}

interface Sending {
  readonly queue: string;
  readonly reply: Reply;
  readonly withinMs: number;
}

/** Sends with confirms; what was under way when the connection broke is sent again. */
function openSender(connection: RabbitmqConnection, { clock }: Runtime) {
  const underWay = new Set<() => void>();
  const channel = connection.keep({
    isConfirming: true,
    lost() {
      for (const fail of [...underWay]) fail();
    },
  });

  /** Resolves when the broker has it; false when nobody can say. */
  async function sendOnce(to: ConfirmChannel, { queue, reply, withinMs }: Sending): Promise<boolean> {
    const { promise, resolve } = Promise.withResolvers<boolean>();
    const fail = (): void => resolve(false);
    const cancel = clock.setTimer(withinMs, fail);
    underWay.add(fail);
    try {
      to.publish('', queue, Buffer.from(reply.body), propertiesOf(reply), (error) => resolve(error === null));
    } catch {
      fail(); // it is closing: the next one is waited for
    }
    return await promise.finally(() => {
      cancel();
      underWay.delete(fail);
    });
  }

  return {
    async send(queue: string, reply: Reply): Promise<void> {
      const deadlineMs = clock.now() + WITHIN_MS;
      for (;;) {
        const leftMs = deadlineMs - clock.now();
        if (leftMs <= 0) throw unsent(connection);
        if (await sendOnce(await channel.ready(leftMs), { queue, reply, withinMs: leftMs })) return;
        await sleep(clock, PAUSE_MS);
      }
    },
    close: () => channel.close(),
  };
}

function unsent(connection: RabbitmqConnection): CellarError {
  const { blockedBecause } = connection;
  if (blockedBecause === undefined) return connection.unavailable();
  return new CellarError('broker-unavailable', `RabbitMQ takes no messages now: ${blockedBecause}`);
}

/** As Celery's; not kept on disk: who waits does not outlive the broker. */
function propertiesOf({ correlationId, contentType }: Reply) {
  return { contentType, contentEncoding: 'utf-8', deliveryMode: 1, priority: 0, correlationId, headers: {} } as const;
}
