import { type Runtime, sleep } from '../../clock.ts';
import type { Logger } from '../../log.ts';
import { type Connected, connectOnce } from './connect-once.ts';
import { isHopeless, serverText } from './faults.ts';
import { type RabbitmqAddress, shownHosts } from './rabbitmq-url.ts';
import { Waiters } from './waiters.ts';

export interface LinkParts {
  readonly address: RabbitmqAddress;
  readonly runtime: Runtime;
  readonly log: Logger;
  /** Shown in RabbitMQ's management. */
  readonly name: string;
}

const FIRST_WAIT_MS = 100;
const LONGEST_WAIT_MS = 5_000;
const CLOSE_WITHIN_MS = 1_000;

/** What stands under a connection: one link to one node at a time, made when it is asked for and lost at any time. */
export class Link {
  readonly #parts: LinkParts;
  readonly #waiters = new Waiters<Connected>();
  readonly #watching = new Set<() => void>();
  readonly #stopped = new AbortController();
  #current: Connected | undefined;
  #connecting: Promise<void> | undefined;
  #blockedBecause: string | undefined;
  #host = 0;
  /** The last that went wrong. */
  lastFault: unknown;

  constructor(parts: LinkParts) {
    this.#parts = parts;
  }

  get isUp(): boolean {
    return this.#current !== undefined;
  }

  /** Why the server reads nothing of it; absent where it does. */
  get blockedBecause(): string | undefined {
    return this.#blockedBecause;
  }

  /** Calls back when it comes up, is lost, blocked or unblocked; answers a function that ends that. */
  watch(changed: () => void): () => void {
    this.#watching.add(changed);
    return () => this.#watching.delete(changed);
  }

  /** As soon as it is up; `undefined` when the signal aborts, the server refuses to have us, or it is closed. */
  up(signal: AbortSignal): Promise<Connected | undefined> {
    if (this.#current !== undefined || signal.aborted || this.#stopped.signal.aborted)
      return Promise.resolve(this.#current);
    this.#connecting ??= this.#connect().finally(() => {
      this.#connecting = undefined;
    });
    return this.#waiters.next({ signal });
  }

  async close(): Promise<void> {
    this.#stopped.abort();
    this.#waiters.answer(undefined);
    await this.#connecting;
    const connected = this.#current;
    this.#current = undefined;
    if (connected === undefined) return;
    const said = new AbortController();
    const goodbye = connected.model.close().catch(() => undefined); // lost meanwhile
    void goodbye.then(() => said.abort());
    await sleep(this.#parts.runtime.clock, CLOSE_WITHIN_MS, said.signal);
    connected.destroy();
  }

  async #connect(): Promise<void> {
    const { address, runtime, log, name } = this.#parts;
    const stop = this.#stopped.signal;
    for (let failed = 0; !stop.aborted; failed++) {
      const isNewRound = failed > 0 && failed % address.hosts.length === 0;
      if (isNewRound) await sleep(runtime.clock, this.#waitMs(failed / address.hosts.length), stop);
      if (stop.aborted) return;
      try {
        return this.#take(await connectOnce(address, this.#host, name));
      } catch (error) {
        this.lastFault = error;
        this.#host = (this.#host + 1) % address.hosts.length;
        log.warn('no connection to RabbitMQ', { hosts: shownHosts(address), reason: serverText(error) });
        if (isHopeless(error)) this.#waiters.answer(undefined);
      }
    }
  }

  /** Half of it is by chance, so that clients of one server do not all come back at once. */
  #waitMs(round: number): number {
    const most = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (round - 1));
    return most / 2 + (this.#parts.runtime.random() * most) / 2;
  }

  #take(connected: Connected): void {
    if (this.#stopped.signal.aborted) {
      connected.destroy();
      return;
    }
    const { log, address } = this.#parts;
    this.#current = connected;
    connected.model.on('error', (error) => {
      this.lastFault = error;
    });
    connected.model.on('close', (error) => this.#lose(connected, error));
    connected.model.on('blocked', (reason) => {
      log.warn('RabbitMQ takes no messages', { reason });
      this.#block(reason);
    });
    connected.model.on('unblocked', () => {
      log.info('RabbitMQ takes messages again');
      this.#block(undefined);
    });
    log.debug('connected to RabbitMQ', { hosts: shownHosts(address), name: this.#parts.name });
    this.#waiters.answer(connected);
    this.#block(undefined);
  }

  #lose(connected: Connected, error: Error | undefined): void {
    connected.destroy();
    if (this.#current !== connected) return;
    this.#current = undefined;
    this.lastFault = error ?? this.lastFault;
    const reason = this.lastFault === undefined ? undefined : serverText(this.lastFault);
    this.#parts.log.warn('lost the connection to RabbitMQ', { hosts: shownHosts(this.#parts.address), reason });
    this.#block(undefined);
  }

  #block(reason: string | undefined): void {
    this.#blockedBecause = reason;
    for (const changed of [...this.#watching]) changed();
  }
}
