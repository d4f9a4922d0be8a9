/** Takes the answers to what this client asked, by ticket. */
import type { Runtime } from '../../clock.ts';
import type { ControlMessage, ControlReplyTarget } from '../../control-bus.ts';
import type { RabbitmqConnection } from './connection.ts';
import { consumeControl } from './consume-control.ts';
import { assertReplyQueue, REPLIES } from './control-names.ts';
import type { KeptChannel } from './kept-channel.ts';

export class ReplyInbox {
  readonly #connection: RabbitmqConnection;
  readonly #id: string;
  readonly #asked = new Map<string, (reply: ControlMessage) => void>();
  #kept: KeptChannel | undefined;

  constructor(connection: RabbitmqConnection, runtime: Runtime) {
    this.#connection = connection;
    this.#id = runtime.newId();
  }

  /** Where answers are to be sent, once it listens there. @throws CellarError `broker-unavailable` */
  async open(withinMs: number): Promise<ControlReplyTarget> {
    this.#kept ??= this.#connection.keep({
      setUp: async (channel) => {
        const queue = await assertReplyQueue(channel, this.#id);
        await consumeControl(channel, queue, (reply) => this.#asked.get(String(reply.headers.ticket))?.(reply));
      },
    });
    await this.#kept.ready(withinMs);
    return { exchange: REPLIES, routingKey: this.#id };
  }

  /** Hands on each answer to a ticket until the function that it answers is called. */
  expect(ticket: string, take: (reply: ControlMessage) => void): () => void {
    this.#asked.set(ticket, take);
    return () => this.#asked.delete(ticket);
  }
}
