import type { ConfirmChannel } from 'amqplib';
import { CellarError } from '../../errors.ts';
import { unavailable } from './faults.ts';
import { KeptChannel, type KeptChannelOptions } from './kept-channel.ts';
import { Link, type LinkParts } from './link.ts';
import { shownHosts } from './rabbitmq-url.ts';

export type ConnectionParts = LinkParts;

/**
 * A connection to RabbitMQ that is made at its first use, and again whenever it is lost: node after node, then with
 * growing waits. Who needs a channel for longer keeps one ({@link keep}); who asks something uses one ({@link use}).
 *
 * A server without memory or disk to spare blocks connections that publish (`connection.blocked`) and reads nothing of
 * them any more: so publishing has a connection of its own, and acknowledgements go on.
 */
export class RabbitmqConnection {
  readonly #parts: ConnectionParts;
  readonly #link: Link;
  readonly #kept = new Set<KeptChannel>();
  #isClosed = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#link = new Link(parts);
  }

  get isConnected(): boolean {
    return this.#link.isUp;
  }

  /** Why the server takes no messages of this connection; absent where it does. */
  get blockedBecause(): string | undefined {
    return this.#link.blockedBecause;
  }

  /** Calls back when it was made, lost, blocked or unblocked; answers a function that ends that. */
  watch(changed: () => void): () => void {
    return this.#link.watch(changed);
  }

  /**
   * A channel that is opened and set up again whenever it is lost, until it is closed.
   * @throws CellarError `closed`
   */
  keep(options: KeptChannelOptions): KeptChannel {
    this.#refuseWhenClosed();
    const kept = new KeptChannel({
      ...options,
      clock: this.#parts.runtime.clock,
      connected: (signal) => this.#link.up(signal),
      unavailable: () => this.unavailable(),
      onEnd: (channel) => this.#kept.delete(channel),
    });
    this.#kept.add(kept);
    return kept;
  }

  /**
   * Runs one piece of work on a confirming channel of its own, which the server may close for it; waits up to `withinMs`
   * for a connection. What the work throws is thrown on.
   * @throws CellarError `broker-unavailable`, `closed`
   */
  async use<T>(work: (channel: ConfirmChannel) => Promise<T>, withinMs: number): Promise<T> {
    const channel = await this.#channelWithin(withinMs);
    let isOpen = true;
    channel.on('error', () => undefined); // who asked is told
    channel.on('close', () => {
      isOpen = false;
    });
    try {
      return await work(channel);
    } finally {
      if (isOpen) await channel.close().catch(() => undefined); // lost meanwhile
    }
  }

  /** What to tell who waited in vain. */
  unavailable(cause: unknown = this.#link.lastFault): CellarError {
    return unavailable(shownHosts(this.#parts.address), cause);
  }

  /** Ends it for good, and with it every channel: what is not acknowledged comes again. A second call does nothing. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await Promise.all([...this.#kept].map((channel) => channel.close()));
    await this.#link.close();
  }

  async #channelWithin(withinMs: number): Promise<ConfirmChannel> {
    this.#refuseWhenClosed();
    const late = new AbortController();
    const cancel = this.#parts.runtime.clock.setTimer(withinMs, () => late.abort());
    const connected = await this.#link.up(late.signal).finally(cancel);
    this.#refuseWhenClosed();
    if (connected === undefined) throw this.unavailable();
    try {
      return await connected.model.createConfirmChannel();
    } catch (error) {
      throw this.unavailable(error);
    }
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new CellarError('closed', 'the broker is closed');
  }
}
