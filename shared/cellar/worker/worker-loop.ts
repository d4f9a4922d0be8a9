/** A long-lived worker of one queue: takes deliveries, runs them side by side by lanes, settles them in batches. */
import type { Broker, Delivery, Settlement, SettleOutcome } from '../broker.ts';
import { sleep } from '../clock.ts';
import { CellarError } from '../errors.ts';
import { describeError } from '../exception.ts';
import { taskIdOf, type WorkerEnvironment } from './execution.ts';
import { Lanes } from './lanes.ts';
import { unclaimRuns } from './once.ts';
import { processDelivery } from './process.ts';
import { suspectsAmong } from './starts.ts';
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
/** As many messages as SQS gives in one answer, each of which is billed; others answer more at once with less work too. */
const FULL_ANSWER = 10;
/** Longest pause after the broker failed to answer. */
const MAX_PAUSE_MS = 5_000;

/** How old the knowledge may be that a task is not revoked when it starts. */
const REVOCATION_AGE_MS = 1_000;

export interface StopOptions {
  /** How long what runs may take to finish. */
  readonly timeoutMs: number;
  /** Aborts to end that time at once. */
  readonly hurry: AbortSignal;
  /** Called when the time is over and something still runs: fires the signals of the tasks. */
  readonly interrupt: () => void;
}

/** A worker that runs until `stop`. */
export class WorkerLoop {
  readonly #options: WorkerLoopOptions;
  readonly #capacity: number;
  readonly #lanes: Lanes;
  readonly #held: VisibilityKeeper;
  readonly #finished: Promise<void>;
  /** Those among the held deliveries that run with nothing beside them. */
  readonly #suspects = new WeakSet<Delivery>();
  /** Ids among the held deliveries that are revoked. */
  readonly #revoked = new Set<string>();
  #isStopped = false;
  /** The call that takes messages, or the last one: aborted, it ends with what it has. */
  #call = { abort: new AbortController(), ended: Promise.resolve() };
  #running = 0;
  /** One that was delivered before without an outcome runs now: nothing beside it. */
  #alone = false;
  /**
   * A death of this process counts against all that it holds. Not where each receive is counted: there starts are counted,
   * and what is given back would come as if it had been out without an outcome.
   */
  readonly #countsHeld: boolean;
  /** What comes next may have been out before: takes one at a time until that is known to be over. So also at the start. */
  #suspicious: boolean;
  #settlements: Settlement[] = [];
  #flushScheduled = false;
  #flushing: Promise<void> = Promise.resolve();
  #wake: (() => void) | undefined;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
    this.#capacity = options.concurrency * options.prefetchMultiplier;
    this.#countsHeld = options.environment.capabilities.deliveryCount === 'exact';
    this.#suspicious = this.#countsHeld;
    // What is held when a suspect ends this process is hidden for a while: it is done before.
    this.#lanes = new Lanes((delivery) => !this.#countsHeld && this.#suspects.has(delivery));
    this.#held = new VisibilityKeeper(options.broker, options.visibilityTimeoutSeconds, options.environment);
    this.#finished = this.#take();
  }

  /**
   * Stops warmly: takes nothing more, gives back what has not started, lets what runs finish within the time;
   * what still runs then is given back too, and its signal fires. A second call is not foreseen.
   */
  async stop({ timeoutMs, hurry, interrupt }: StopOptions): Promise<void> {
    this.#isStopped = true;
    this.#call.abort.abort();
    this.#giveBack(this.#lanes.drain());
    this.#ended(); // the taker may wait for a free slot
    await this.#finished;
    await this.#idle(timeoutMs, hurry);
    const left = this.#held.deliveries();
    // Not held from here on: a handler that throws because its signal fires must not end its task as failed.
    for (const delivery of left) this.#held.remove(delivery);
    if (left.length > 0) interrupt();
    await unclaimRuns(left, this.#options.environment);
    this.#giveBack(left);
    this.#held.stop();
    await this.#flushed();
  }

  /** Resolves when nothing runs any more, or when the time is over. */
  async #idle(timeoutMs: number, hurry: AbortSignal): Promise<void> {
    const { clock } = this.#options.environment.runtime;
    const idle = new AbortController();
    let isLate = false;
    void sleep(clock, timeoutMs, AbortSignal.any([idle.signal, hurry])).then(() => {
      isLate = true;
      this.#ended();
    });
    while (this.#running > 0 && !isLate) await this.#nextEnd();
    idle.abort();
  }

  async #take(): Promise<void> {
    let faults = 0;
    while (!this.#isStopped) {
      const free = this.#capacity - this.#running - this.#lanes.size;
      if (free <= 0 || this.#alone || this.#lanes.hasLast || this.#hasEnough(free)) {
        await this.#nextEnd(); // also a stop
        continue;
      }
      const abort = new AbortController();
      const ended = this.#receive(this.#suspicious ? 1 : free, abort.signal);
      this.#call = { abort, ended };
      try {
        await ended;
        faults = 0;
      } catch (error) {
        if (error instanceof CellarError && error.code === 'closed') return;
        faults++;
        await this.#pause(faults, error);
      }
    }
  }

  /** Every slot is busy and more is at hand: worth asking for again when an answer can be a full one. */
  #hasEnough(free: number): boolean {
    const enough = Math.min(FULL_ANSWER, Math.ceil(this.#capacity / 2));
    return this.#running >= this.#options.concurrency && this.#lanes.size > 0 && free < enough;
  }

  async #receive(maxMessages: number, signal: AbortSignal): Promise<void> {
    const { broker, environment } = this.#options;
    const deliveries = await broker.receive(environment.queue, { maxMessages, waitMs: RECEIVE_WAIT_MS, signal });
    if (deliveries.length === 0) {
      if (!signal.aborted) this.#suspicious = false;
      return;
    }
    for (const delivery of deliveries) this.#held.add(delivery);
    const suspects = await suspectsAmong(deliveries, environment);
    for (const suspect of suspects) this.#suspects.add(suspect);
    try {
      await this.#askRevoked(deliveries);
    } catch (error) {
      this.#giveBack(deliveries);
      throw error;
    }
    if (this.#isStopped) return this.#giveBack(deliveries);
    this.#suspicious = this.#countsHeld && suspects.size > 0;
    for (const delivery of deliveries) this.#lanes.add(delivery);
    this.#pump();
  }

  async #askRevoked(deliveries: readonly Delivery[]): Promise<void> {
    const { results } = this.#options.environment;
    for (const id of await results.revoked(deliveries.map(taskIdOf))) this.#revoked.add(id);
  }

  async #pause(faults: number, error: unknown): Promise<void> {
    const { log, runtime, queue } = this.#options.environment;
    log.error(`cannot take messages: ${describeError(error)}`, { queue, faults });
    const longest = Math.min(MAX_PAUSE_MS, 100 * 2 ** Math.min(faults, 10));
    await sleep(runtime.clock, longest * (0.5 + runtime.random() / 2), this.#call.abort.signal);
  }

  /** Starts what may start. */
  #pump(): void {
    while (this.#running < this.#options.concurrency && !this.#alone) {
      const next = this.#lanes.peek();
      if (next === undefined) return;
      if (this.#suspects.has(next)) {
        if (this.#running > 0) return;
        this.#lanes.take();
        void this.#runAlone(next);
        return;
      }
      this.#lanes.take();
      void this.#run(next);
    }
  }

  /** Runs one whose earlier delivery ended without an outcome (its process died) with nothing beside it. */
  async #runAlone(delivery: Delivery): Promise<void> {
    this.#alone = true;
    if (this.#countsHeld) await this.#giveBackWaiting();
    await this.#flushed(); // what was done before is not done again when this process ends
    // A stop meanwhile has given this one back too.
    if (!this.#isStopped) await this.#run(delivery);
    await this.#flushed();
    this.#alone = false;
    this.#ended();
    this.#pump();
  }

  /** So that a second death of this process counts against the message that runs only, not against what waits here. */
  async #giveBackWaiting(): Promise<void> {
    // A call that waits would take what is given back here.
    this.#call.abort.abort();
    await this.#call.ended.catch(() => undefined); // the taker reports its faults
    this.#giveBack(this.#lanes.drain());
  }

  async #run(delivery: Delivery): Promise<void> {
    this.#running++;
    if (this.#held.ageMs(delivery) > REVOCATION_AGE_MS) await this.#askAgain(delivery);
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

  /** One that waited here for its turn may have been revoked since it came. */
  async #askAgain(delivery: Delivery): Promise<void> {
    try {
      await this.#askRevoked([delivery]);
    } catch (error) {
      const { log, queue } = this.#options.environment;
      log.warn(`cannot ask whether a task was revoked since it came: ${describeError(error)}`, { queue });
    }
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
    let outcomes: readonly SettleOutcome[];
    try {
      outcomes = await broker.settle(batch);
    } catch (error) {
      outcomes = batch.map(() => ({ status: 'failed', reason: describeError(error) }));
    }
    const unsettled: Delivery[] = [];
    for (const [index, { delivery }] of batch.entries()) {
      const outcome = outcomes[index];
      if (outcome?.status === 'settled') continue;
      unsettled.push(delivery);
      const why = outcome?.status === 'failed' ? outcome.reason : 'its visibility timeout had run out';
      const id = delivery.message.correlationId;
      environment.log.warn(`not settled: ${why}; the message comes again`, { queue: environment.queue, id });
    }
    await unclaimRuns(unsettled, environment);
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
