/** A long-lived worker of one queue: takes deliveries, runs them side by side by lanes, settles them in batches. */
import type { Broker, Delivery, Settlement } from '../broker.ts';
import { sleep } from '../clock.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import { taskIdOf, type WorkerEnvironment } from './execution.ts';
import { Lanes } from './lanes.ts';
import { processDelivery } from './process.ts';
import { VisibilityKeeper } from './visibility.ts';

export interface WorkerLoopOptions {
  readonly broker: Broker;
  readonly environment: WorkerEnvironment;
  /** Tasks side by side. */
  readonly concurrency: number;
  /** Deliveries held = concurrency × this, as Celery's worker_prefetch_multiplier. */
  readonly prefetchMultiplier: number;
  readonly visibilityTimeoutSeconds: number;
}

/** How long one wait for messages lasts; its end changes nothing but that the loop looks around. */
const RECEIVE_WAIT_MS = 20_000;
/** Longest pause after the broker failed to answer. */
const MAX_PAUSE_MS = 5_000;

/** A worker that runs until `stop`. */
export class WorkerLoop {
  readonly #options: WorkerLoopOptions;
  readonly #capacity: number;
  readonly #lanes = new Lanes();
  readonly #held: VisibilityKeeper;
  readonly #receiving = new AbortController();
  readonly #finished: Promise<void>;
  /** Ids among the held deliveries that are revoked. */
  readonly #revoked = new Set<string>();
  #running = 0;
  /** One that was delivered before without an outcome runs now: nothing beside it. */
  #alone = false;
  /** The last delivery had been out before: take one at a time until that is over. */
  #suspicious = false;
  #settlements: Settlement[] = [];
  #flushScheduled = false;
  #flushing: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
    this.#capacity = options.concurrency * options.prefetchMultiplier;
    this.#held = new VisibilityKeeper(options.broker, options.visibilityTimeoutSeconds, options.environment);
    this.#finished = this.#take();
  }

  /**
   * Stops warmly: takes nothing more, gives back what has not started, lets what runs finish within
   * `timeoutMs`; what still runs then sees its signal fire and is given back too.
   */
  async stop(timeoutMs: number, cold: AbortController): Promise<void> {
    this.#receiving.abort();
    await this.#finished;
    this.#giveBack(this.#lanes.drain());
    const { clock } = this.#options.environment.runtime;
    const deadline = new AbortController();
    const late = sleep(clock, timeoutMs, AbortSignal.any([deadline.signal, cold.signal])).then(() => cold.abort());
    while (this.#running > 0 && !cold.signal.aborted) await Promise.race([this.#nextEnd(), late]);
    deadline.abort();
    this.#held.stop();
    this.#giveBack(this.#held.deliveries());
    await this.#flushed();
  }

  async #take(): Promise<void> {
    let faults = 0;
    while (!this.#receiving.signal.aborted) {
      const free = this.#capacity - this.#running - this.#lanes.size;
      if (free <= 0 || this.#alone) {
        await this.#nextEnd();
        continue;
      }
      try {
        await this.#receive(this.#suspicious ? 1 : free);
        faults = 0;
      } catch (error) {
        if (error instanceof CellarError && error.code === 'closed') return;
        faults++;
        await this.#pause(faults, error);
      }
    }
  }

  async #receive(maxMessages: number): Promise<void> {
    const { broker, environment } = this.#options;
    const { signal } = this.#receiving;
    const deliveries = await broker.receive(environment.queue, { maxMessages, waitMs: RECEIVE_WAIT_MS, signal });
    if (deliveries.length === 0) {
      this.#suspicious = false;
      return;
    }
    for (const delivery of deliveries) this.#held.add(delivery);
    for (const id of await environment.results.revoked(deliveries.map(taskIdOf))) this.#revoked.add(id);
    this.#suspicious = deliveries.some(isSuspect);
    for (const delivery of deliveries) this.#lanes.add(delivery);
    this.#pump();
  }

  async #pause(faults: number, error: unknown): Promise<void> {
    const { log, runtime, queue } = this.#options.environment;
    log.error(`cannot take messages: ${describeError(error)}`, { queue, faults });
    const longest = Math.min(MAX_PAUSE_MS, 100 * 2 ** Math.min(faults, 10));
    await sleep(runtime.clock, longest * (0.5 + runtime.random() / 2), this.#receiving.signal);
  }

  /** Starts what may start. */
  #pump(): void {
    while (this.#running < this.#options.concurrency && !this.#alone) {
      const next = this.#lanes.peek();
      if (next === undefined) return;
      if (isSuspect(next)) {
        if (this.#running > 0) return;
        this.#lanes.take();
        void this.#runAlone(next);
        return;
      }
      this.#lanes.take();
      void this.#run(next);
    }
  }

  /**
   * Runs one whose earlier delivery ended without an outcome (its process died) with nothing beside it.
   * All else is given back first, so that a second death counts against this message only.
   */
  async #runAlone(delivery: Delivery): Promise<void> {
    this.#alone = true;
    this.#giveBack(this.#lanes.drain());
    await this.#flushed();
    await this.#run(delivery);
    await this.#flushed();
    this.#alone = false;
    this.#ended();
    this.#pump();
  }

  async #run(delivery: Delivery): Promise<void> {
    this.#running++;
    const settlement = await processDelivery(delivery, this.#options.environment, this.#revoked);
    this.#running--;
    if (this.#revoked.size > 0) this.#revoked.delete(taskIdOf(delivery));
    // One that the stop gave back meanwhile is not this worker's any more.
    if (this.#held.remove(delivery)) this.#settlements.push(settlement);
    if (settlement.disposition.kind === 'release') this.#giveBack(this.#lanes.drainGroup(delivery.messageGroup));
    else this.#lanes.done(delivery);
    this.#scheduleFlush();
    this.#pump();
  }

  #giveBack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) {
      this.#held.remove(delivery);
      this.#settlements.push({ delivery, publish: [], disposition: { kind: 'release', delaySeconds: 0 } });
    }
    if (deliveries.length > 0) this.#scheduleFlush();
  }

  /** Everything that ends in this turn of the event loop is settled in one call. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return;
    this.#flushScheduled = true;
    setImmediate(() => {
      this.#flushScheduled = false;
      this.#flushing = Promise.all([this.#flushing, this.#flush()]).then(() => undefined);
      this.#ended();
    });
  }

  async #flush(): Promise<void> {
    const { broker, environment } = this.#options;
    const batch = this.#settlements;
    if (batch.length === 0) return;
    this.#settlements = [];
    try {
      const outcomes = await broker.settle(batch);
      for (const [index, outcome] of outcomes.entries()) {
        if (outcome.status === 'settled') continue;
        const id = batch[index]?.delivery.message.correlationId;
        const why = outcome.status === 'stale' ? 'its visibility timeout had run out' : outcome.reason;
        environment.log.warn(`not settled: ${why}; the message comes again`, { queue: environment.queue, id });
      }
    } catch (error) {
      environment.log.error(`not settled: ${describeError(error)}; the messages come again`, {
        queue: environment.queue,
        count: batch.length,
      });
    }
  }

  /** Resolves when all settlements so far have been answered. */
  async #flushed(): Promise<void> {
    while (this.#flushScheduled || this.#settlements.length > 0) {
      this.#scheduleFlush();
      await this.#nextEnd();
    }
    await this.#flushing;
  }

  /** Resolves after the next end of a run or flush. */
  #nextEnd(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const others = this.#wake;
    this.#wake = () => {
      others?.();
      resolve();
    };
    return promise;
  }

  #ended(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function isSuspect({ deliveryCount }: Delivery): boolean {
  return deliveryCount > 1;
}
