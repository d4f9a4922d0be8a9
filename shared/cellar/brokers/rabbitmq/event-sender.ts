/** Sends events without ever waiting: what comes too fast, or while the server takes nothing, is dropped. */
import type { Channel } from 'amqplib';
import type { ControlMessage } from '../../control-bus.ts';
import type { RabbitmqConnection } from './connection.ts';
import { assertEvents, EVENTS } from './control-names.ts';
import type { KeptChannel } from './kept-channel.ts';
import { publishControl } from './publish-control.ts';

/** So many wait for a connection. */
const MOST_WAITING = 1_000;

export class EventSender {
  readonly #connection: RabbitmqConnection;
  #kept: KeptChannel | undefined;
  #waiting: (readonly [routingKey: string, message: ControlMessage])[] = [];
  /** The channel whose buffer is full. */
  #full: Channel | undefined;

  constructor(connection: RabbitmqConnection) {
    this.#connection = connection;
  }

  send(routingKey: string, message: ControlMessage): void {
    this.#kept ??= this.#connection.keep({
      setUp: async (channel) => {
        await assertEvents(channel);
        for (const [key, waited] of this.#waiting.splice(0)) this.#publish(channel, key, waited);
      },
    });
    const channel = this.#kept.current;
    if (channel === undefined) {
      if (this.#waiting.length < MOST_WAITING) this.#waiting.push([routingKey, message]);
    } else if (this.#full !== channel && this.#connection.blockedBecause === undefined) {
      this.#publish(channel, routingKey, message);
    }
  }

  #publish(channel: Channel, routingKey: string, message: ControlMessage): void {
    if (publishControl(channel, { exchange: EVENTS, routingKey }, message)) return;
    this.#full = channel;
    channel.once('drain', () => {
      this.#full = undefined;
    });
  }
}
