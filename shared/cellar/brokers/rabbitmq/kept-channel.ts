import type { ChannelModel, ConfirmChannel } from 'amqplib';
import { type Clock, sleep } from '../../clock.ts';
import type { Connected } from './connect-once.ts';
import { Waiters } from './waiters.ts';

export interface KeptChannelOptions {
  /** With publisher confirms. @default false: the callbacks of `publish` are then never called */
  readonly isConfirming?: boolean;
  /** Readies each new channel: declares, binds, consumes. Where it throws the channel is closed and tried again later. */
  readonly setUp?: (channel: ConfirmChannel) => Promise<void>;
  /** Called with each channel that is set up. */
  readonly ready?: (channel: ConfirmChannel) => void;
  /**
   * A channel that was set up, or was being set up, is gone: what was under way on it gets no answer. `error` is what the
   * server said, where it did. Called once per channel, not for the end by {@link KeptChannel.close}.
   */
  readonly lost?: (error: unknown) => void;
}

export interface KeptChannelParts extends KeptChannelOptions {
  readonly clock: Clock;
  readonly connected: (signal: AbortSignal) => Promise<Connected | undefined>;
  /** The error for who waited in vain. */
  readonly unavailable: () => Error;
  readonly onEnd: (channel: KeptChannel) => void;
}

const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 5_000;

/** A channel that is opened and set up again whenever it is lost, with its connection or by itself. */
export class KeptChannel {
  readonly #parts: KeptChannelParts;
  readonly #stopped = new AbortController();
  readonly #waiters = new Waiters<ConfirmChannel>();
  #current: ConfirmChannel | undefined;

  constructor(parts: KeptChannelParts) {
    this.#parts = parts;
    void this.#keepOpen();
  }

  /** The channel that is open and set up, if there is one. */
  get current(): ConfirmChannel | undefined {
    return this.#current;
  }

  /**
   * The channel as soon as it is set up.
   * @throws CellarError `broker-unavailable` after `withinMs`, or at once where the server refuses to have us
   */
  async ready(withinMs: number): Promise<ConfirmChannel> {
    if (this.#current !== undefined) return this.#current;
    const { clock, unavailable } = this.#parts;
    const isOpen = !this.#stopped.signal.aborted;
    const channel = isOpen ? await this.#waiters.next({ clock, withinMs }) : undefined;
    if (channel === undefined) throw unavailable();
    return channel;
  }

  /** Closes it for good; what is not acknowledged on it goes back to its queue. A second call does nothing. */
  async close(): Promise<void> {
    this.#stopped.abort();
    this.#waiters.answer(undefined);
    const channel = this.#current;
    this.#current = undefined;
    await channel?.close().catch(() => undefined); // lost meanwhile
  }

  async #keepOpen(): Promise<void> {
    const { clock, connected, lost = () => undefined, onEnd } = this.#parts;
    const stop = this.#stopped.signal;
    for (let failed = 0; !stop.aborted; ) {
      const link = await connected(stop);
      if (link === undefined) {
        this.#waiters.answer(undefined); // refused, or closed
        continue;
      }
      let fault: unknown;
      try {
        fault = await this.#holdOne(link.model);
        failed = 0;
      } catch (error) {
        fault = error;
        failed++;
      }
      if (!stop.aborted) lost(fault);
      if (failed > 0) await sleep(clock, Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (failed - 1)), stop);
    }
    onEnd(this);
  }

  /** Opens a channel, sets it up and waits for its end; answers what the server said then, if it did. */
  async #holdOne(model: ChannelModel): Promise<unknown> {
    const { isConfirming = false, setUp, ready } = this.#parts;
    const channel = isConfirming
      ? await model.createConfirmChannel()
      : ((await model.createChannel()) as ConfirmChannel);
    const ended = endOf(channel);
    try {
      await setUp?.(channel);
    } catch (error) {
      await channel.close().catch(() => undefined); // it died of that
      throw error;
    }
    if (this.#stopped.signal.aborted) await channel.close().catch(() => undefined);
    else {
      this.#current = channel;
      this.#waiters.answer(channel);
      ready?.(channel);
    }
    const fault = await ended;
    this.#current = undefined;
    return fault;
  }
}

/** Resolves when the channel is closed, with what the server said of it. */
function endOf(channel: ConfirmChannel): Promise<unknown> {
  return new Promise((resolve) => {
    let fault: unknown;
    channel.on('error', (error) => {
      fault = error;
    });
    channel.on('close', () => resolve(fault));
  });
}
