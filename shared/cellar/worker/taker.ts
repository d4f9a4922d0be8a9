/** Takes messages of one queue as long as there is room for them, and pauses where the broker does not answer. */
import type { Broker, Delivery } from '../broker.ts';
import { sleep } from '../clock.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import type { WorkerEnvironment } from './execution.ts';
import type { Wakeup } from './wakeup.ts';

export interface TakerParts {
  readonly broker: Broker;
  readonly environment: WorkerEnvironment;
  /** How many may be taken now; 0 = none until something ends. */
  readonly room: () => number;
  /** Woken when there may be room. */
  readonly ends: Wakeup;
  /** Takes over what came, also nothing; what it throws is a fault of this call. `isCut`: the call ended before its time. */
  readonly accept: (deliveries: readonly Delivery[], isCut: boolean) => Promise<void>;
}

/** How it stands with the broker. */
export interface Taking {
  /** When the broker last answered, with messages or without. */
  readonly answeredAtMs?: number;
  /** Why the last call for messages failed; absent where it did not. */
  readonly fault?: string;
}

/** How long one wait for messages lasts; its end changes nothing but that the loop looks around. */
const RECEIVE_WAIT_MS = 20_000;
/** Longest pause after the broker failed to answer. */
const MAX_PAUSE_MS = 5_000;

/** Begins at once, and goes on until `stop`. */
export class Taker {
  readonly #parts: TakerParts;
  readonly #ended: Promise<void>;
  #isStopped = false;
  #taking: Taking = {};
  /** The call that takes messages, or the last one: aborted, it ends with what it has. */
  #call = { abort: new AbortController(), ended: Promise.resolve() };

  constructor(parts: TakerParts) {
    this.#parts = parts;
    this.#ended = this.#take();
  }

  get taking(): Taking {
    return this.#taking;
  }

  /** Ends the call that waits; resolves when what it had is taken over. */
  async cut(): Promise<void> {
    this.#call.abort.abort();
    await this.#call.ended.catch(() => undefined); // reported where it was made
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#call.abort.abort();
    this.#parts.ends.wake(); // it may wait for room
    await this.#ended;
  }

  async #take(): Promise<void> {
    let faults = 0;
    while (!this.#isStopped) {
      const room = this.#parts.room();
      if (room <= 0) {
        await this.#parts.ends.next();
        continue;
      }
      const abort = new AbortController();
      const ended = this.#receive(room, abort.signal);
      this.#call = { abort, ended };
      try {
        await ended;
        faults = 0;
        this.#taking = { answeredAtMs: this.#parts.environment.runtime.clock.now() };
      } catch (error) {
        if (error instanceof CellarError && error.code === 'closed') return;
        faults++;
        this.#taking = { ...this.#taking, fault: describeError(error) };
        await this.#pause(faults, error);
      }
    }
  }

  async #receive(maxMessages: number, signal: AbortSignal): Promise<void> {
    const { broker, environment, accept } = this.#parts;
    const deliveries = await broker.receive(environment.queue, { maxMessages, waitMs: RECEIVE_WAIT_MS, signal });
    await accept(deliveries, signal.aborted);
  }

  async #pause(faults: number, error: unknown): Promise<void> {
    const { log, runtime, queue } = this.#parts.environment;
    log.error(`cannot take messages: ${describeError(error)}`, { queue, faults });
    const longest = Math.min(MAX_PAUSE_MS, 100 * 2 ** Math.min(faults, 10));
    await sleep(runtime.clock, longest * (0.5 + runtime.random() / 2), this.#call.abort.signal);
  }
}
