/** Events and remote control on RabbitMQ: Celery's `celeryev` and `celery.pidbox`, so that both kinds of worker share them. */
import { type Runtime, sleep } from '../../clock.ts';
import type { ControlBus, ControlMessage } from '../../control-bus.ts';
import type { Logger } from '../../log.ts';
import type { RabbitmqConnection } from './connection.ts';
import { consumeControl } from './consume-control.ts';
import { assertListener, assertMailbox, assertReplies, assertRequests, REPLIES, REQUESTS } from './control-names.ts';
import { EventSender } from './event-sender.ts';
import type { KeptChannel } from './kept-channel.ts';
import { publishControl } from './publish-control.ts';
import { ReplyInbox } from './reply-inbox.ts';

export interface ControlBusParts {
  /** Everything is published on this one: the server may block it. */
  readonly publishing: RabbitmqConnection;
  readonly consuming: RabbitmqConnection;
  readonly runtime: Runtime;
  readonly log: Logger;
}

/** The time that the port gives to calls of a broker. */
const READY_WITHIN_MS = 10_000;

/** A bus over connections that others own: closing them ends it. Opens nothing before it is used. */
export function rabbitmqControlBus({ publishing, consuming, runtime, log }: ControlBusParts): ControlBus {
  const events = new EventSender(publishing);
  const inbox = new ReplyInbox(consuming, runtime);
  let sender: KeptChannel | undefined;
  const sending = () => {
    sender ??= publishing.keep({
      async setUp(channel) {
        await assertRequests(channel);
        await assertReplies(channel);
      },
    });
    return sender.ready(READY_WITHIN_MS);
  };
  const broadcast = async (request: ControlMessage): Promise<void> => {
    publishControl(await sending(), { exchange: REQUESTS, routingKey: '' }, request);
  };

  async function listenOn(
    assert: (channel: Parameters<typeof assertListener>[0]) => Promise<string>,
    handle: (message: ControlMessage) => void,
  ) {
    const kept = consuming.keep({
      setUp: async (channel) => consumeControl(channel, await assert(channel), handle),
    });
    try {
      await kept.ready(READY_WITHIN_MS);
    } catch (error) {
      await kept.close();
      throw error;
    }
    return () => kept.close();
  }

  return {
    event: (routingKey, message) => events.send(routingKey, message),
    listen(handle) {
      const id = runtime.newId();
      return listenOn((channel) => assertListener(channel, id), handle);
    },
    serve(nodeName, handle) {
      return listenOn(async (channel) => {
        const { queue, others } = await assertMailbox(channel, nodeName);
        if (others > 0) log.warn('another worker has the same node name, and gets half of its requests', { nodeName });
        return queue;
      }, handle);
    },
    reply(target, message) {
      const send = async (): Promise<void> => {
        const channel = await sending();
        if (target.exchange !== REPLIES && target.exchange !== '') await assertReplies(channel, target.exchange);
        publishControl(channel, target, message);
      };
      send().catch((error: unknown) => log.debug('an answer was not sent', { reason: String(error) }));
    },
    tell: broadcast,
    async ask(compose, { ticket, timeoutMs, limit = Number.POSITIVE_INFINITY }) {
      const replies: ControlMessage[] = [];
      const enough = new AbortController();
      const target = await inbox.open(READY_WITHIN_MS);
      const forget = inbox.expect(ticket, (reply) => {
        replies.push(reply);
        if (replies.length >= limit) enough.abort();
      });
      try {
        await broadcast(compose(target));
        await sleep(runtime.clock, timeoutMs, enough.signal);
      } finally {
        forget();
      }
      return replies;
    },
  };
}
