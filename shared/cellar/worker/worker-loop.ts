/** A long-lived worker of one queue: takes deliveries, runs them side by side by lanes, settles them in batches. */
import type { Broker, Delivery } from '../broker.ts';
import { sleep } from '../clock.ts';
import type { WorkerEnvironment } from './execution.ts';
import { Lanes } from './lanes.ts';
import { unclaimRuns } from './once.ts';
import { processDelivery } from './process.ts';
import type { RateLimits } from './rate-limits.ts';
import { repeat } from './repeat.ts';
import { Revocations } from './revocations.ts';
import { Settler } from './settler.ts';
import { countsDeliveries, suspectsAmong } from './starts.ts';
import { Taker, type Taking } from './taker.ts';
import { Throttle } from './throttle.ts';
import { VisibilityKeeper } from './visibility.ts';
import { Wakeup } from './wakeup.ts';

export interface WorkerLoopOptions {
  readonly broker: Broker;
  readonly environment: WorkerEnvironment;
  readonly rates: RateLimits;
  /** Tasks side by side, at first. */
  readonly concurrency: number;
  /** Deliveries held = concurrency × this, as Celery's worker_prefetch_multiplier. */
  readonly prefetchMultiplier: number;
  readonly visibilityTimeoutSeconds: number;
}

/** As many messages as SQS gives in one answer, each of which is billed; others answer more at once with less work too. */
const FULL_ANSWER = 10;
/** So many that wait for their task's rate do not count as held; more would hold up other tasks of the queue. */
const MOST_ASIDE = 1_000;

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
  readonly #lanes: Lanes;
  readonly #throttle: Throttle;
  readonly #settler: Settler;
  readonly #held: VisibilityKeeper;
  readonly #taker: Taker;
  /** Those among the held deliveries that run with nothing beside them. */
  readonly #suspects = new WeakSet<Delivery>();
  readonly #revocations: Revocations;
  /** Ends of runs and settlements, and changes of size. */
  readonly #ends = new Wakeup();
  #concurrency: number;
  #isStopped = false;
  #running = 0;
  /** One that was delivered before without an outcome runs now: nothing beside it. */
  #alone = false;
  /**
   * A death of this process counts against all that it holds. Not where starts are counted in a store: there what is given
   * back would come as if it had been out without an outcome.
   */
  readonly #countsHeld: boolean;
  /** Who must wait longer is given back meanwhile: the broker would take back what is held so long. */
  readonly #longestWaitMs: number;
  readonly #unwatch: () => void;
  /** What comes next may have been out before: takes one at a time until that is known to be over. So also at the start. */
  #suspicious: boolean;

  constructor(options: WorkerLoopOptions) {
    this.#options = options;
    const { broker, environment, rates } = options;
    this.#concurrency = options.concurrency;
    this.#countsHeld = countsDeliveries(environment);
    const { maxHoldSeconds = Number.POSITIVE_INFINITY } = environment.capabilities;
    this.#longestWaitMs = (maxHoldSeconds * 1000) / 2;
    const { clock } = environment.runtime;
    this.#unwatch =
      maxHoldSeconds === Number.POSITIVE_INFINITY
        ? () => undefined
        : repeat(clock, this.#longestWaitMs / 4, () => this.#giveBackOld());
    this.#suspicious = this.#countsHeld;
    // What is held when a suspect ends this process is hidden for a while: it is done before.
    this.#lanes = new Lanes((delivery) => !this.#countsHeld && this.#suspects.has(delivery));
    this.#held = new VisibilityKeeper(broker, options.visibilityTimeoutSeconds, environment);
    this.#settler = new Settler(broker, environment, () => this.#ends.wake());
    this.#throttle = new Throttle({ rates, clock, wake: () => this.#pump() });
    this.#revocations = new Revocations(environment);
    this.#taker = new Taker({
      broker,
      environment,
      ends: this.#ends,
      room: () => this.#room(),
      accept: (deliveries, isCut) => this.#accept(deliveries, isCut),
    });
  }

  /** Tasks side by side. */
  get concurrency(): number {
    return this.#concurrency;
  }

  /** How many deliveries it holds at most, those aside that wait for their task's rate. */
  get capacity(): number {
    return this.#concurrency * this.#options.prefetchMultiplier;
  }

  /** Those that run and those that wait for their turn. */
  held(): readonly Delivery[] {
    return this.#held.deliveries();
  }

  get heldCount(): number {
    return this.#held.size;
  }

  get taking(): Taking {
    return this.#taker.taking;
  }

  /** Changes how many tasks run side by side; what runs already goes on. */
  resize(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#pump();
    this.#ends.wake();
  }

  /**
   * Stops warmly: takes nothing more, gives back what has not started, lets what runs finish within the time;
   * what still runs then is given back too, and its signal fires. A second call is not foreseen.
   */
  async stop({ timeoutMs, hurry, interrupt }: StopOptions): Promise<void> {
    this.#isStopped = true;
    const taken = this.#taker.stop();
    this.#giveBack([...this.#lanes.drain(), ...this.#throttle.drain()]);
    this.#throttle.stop();
    this.#unwatch();
    await taken;
    await this.#idle(timeoutMs, hurry);
    const left = this.#held.deliveries();
    // Not held from here on: a handler that throws because its signal fires must not end its task as failed.
    for (const delivery of left) this.#held.remove(delivery);
    if (left.length > 0) interrupt();
    await unclaimRuns(left, this.#options.environment);
    this.#giveBack(left);
    this.#held.stop();
    await this.#settler.flushed();
  }

  /** Resolves when nothing runs any more, or when the time is over. */
  async #idle(timeoutMs: number, hurry: AbortSignal): Promise<void> {
    const { clock } = this.#options.environment.runtime;
    const idle = new AbortController();
    let isLate = false;
    void sleep(clock, timeoutMs, AbortSignal.any([idle.signal, hurry])).then(() => {
      isLate = true;
      this.#ends.wake();
    });
    while (this.#running > 0 && !isLate) await this.#ends.next();
    idle.abort();
  }

  /** How many may be taken now. */
  #room(): number {
    const aside = Math.max(0, this.#throttle.size - MOST_ASIDE);
    const free = this.capacity - this.#running - this.#lanes.size - aside;
    if (free <= 0 || this.#alone || this.#lanes.hasLast || this.#hasEnough(free)) return 0;
    return this.#suspicious ? 1 : free;
  }

  /** Every slot is busy and more is at hand: worth asking for again when an answer can be a full one. */
  #hasEnough(free: number): boolean {
    const enough = Math.min(FULL_ANSWER, Math.ceil(this.capacity / 2));
    return this.#running >= this.#concurrency && this.#lanes.size > 0 && free < enough;
  }

  async #accept(deliveries: readonly Delivery[], isCut: boolean): Promise<void> {
    if (deliveries.length === 0) {
      if (!isCut) this.#suspicious = false;
      return;
    }
    const { environment } = this.#options;
    for (const delivery of deliveries) this.#held.add(delivery);
    const suspects = await suspectsAmong(deliveries, environment);
    for (const suspect of suspects) this.#suspects.add(suspect);
    try {
      await this.#revocations.ask(deliveries);
    } catch (error) {
      this.#giveBack(deliveries);
      throw error;
    }
    if (this.#isStopped) return this.#giveBack(deliveries);
    environment.monitor?.received(deliveries);
    this.#suspicious = this.#countsHeld && suspects.size > 0;
    for (const delivery of deliveries) this.#lanes.add(delivery);
    this.#pump();
  }

  /** Starts what may start. */
  #pump(): void {
    while (this.#running < this.#concurrency && !this.#alone) {
      const next = this.#next();
      if (next === undefined) break;
      const isSuspect = this.#suspects.has(next);
      if (isSuspect && this.#running > 0) break;
      if (!this.#throttle.take(next)) this.#lanes.take();
      void (isSuspect ? this.#runAlone(next) : this.#run(next));
    }
    this.#throttle.arm();
  }

  /** The next that may start, without taking it; those before it that must wait for their task's rate are set aside. */
  #next(): Delivery | undefined {
    const waited = this.#throttle.peek();
    if (waited !== undefined) return waited;
    for (let next = this.#lanes.peek(); next !== undefined; next = this.#lanes.peek()) {
      const waitMs = this.#throttle.waitMs(next);
      if (waitMs === 0) return next;
      this.#lanes.take();
      if (waitMs > this.#longestWaitMs) this.#putOff(next, waitMs);
      else this.#throttle.hold(next);
    }
    return undefined;
  }

  /** Gives one back until its task's rate lets it start, and what is behind it in its group. */
  #putOff(delivery: Delivery, waitMs: number): void {
    this.#held.remove(delivery);
    const delaySeconds = Math.ceil(waitMs / 1000);
    this.#settler.add({ delivery, publish: [], disposition: { kind: 'release', delaySeconds } });
    this.#giveBack(this.#lanes.drainGroup(delivery.messageGroup));
  }

  /** Runs one whose earlier delivery ended without an outcome (its process died) with nothing beside it. */
  async #runAlone(delivery: Delivery): Promise<void> {
    this.#alone = true;
    if (this.#countsHeld) await this.#giveBackWaiting();
    await this.#settler.flushed(); // what was done before is not done again when this process ends
    // A stop meanwhile has given this one back too.
    if (!this.#isStopped) await this.#run(delivery);
    await this.#settler.flushed();
    this.#alone = false;
    this.#ends.wake();
    this.#pump();
  }

  /** So that a second death of this process counts against the message that runs only, not against what waits here. */
  async #giveBackWaiting(): Promise<void> {
    await this.#taker.cut(); // a call that waits would take what is given back here
    this.#giveBack([...this.#lanes.drain(), ...this.#throttle.drain()]);
  }

  async #run(delivery: Delivery): Promise<void> {
    this.#running++;
    if (this.#held.ageMs(delivery) > REVOCATION_AGE_MS) await this.#revocations.askAgain(delivery);
    const settlement = await processDelivery(delivery, this.#options.environment, this.#revocations.ids);
    this.#running--;
    this.#revocations.forget(delivery);
    // One that the stop gave back meanwhile is not this worker's any more.
    if (this.#held.remove(delivery)) this.#settler.add(settlement);
    else this.#settler.turn();
    if (settlement.disposition.kind === 'release') this.#giveBack(this.#lanes.drainGroup(delivery.messageGroup));
    else this.#lanes.done(delivery);
    this.#pump();
  }

  /** What waits behind long runs goes to workers that are free, or comes here again. A group's next stays: its order is its broker's. */
  #giveBackOld(): void {
    const next = this.#lanes.peek();
    if (next === undefined || this.#held.ageMs(next) <= this.#longestWaitMs) return;
    this.#giveBack(this.#lanes.drainUngrouped());
  }

  #giveBack(deliveries: readonly Delivery[]): void {
    for (const delivery of deliveries) this.#held.remove(delivery);
    this.#settler.giveBack(deliveries);
  }
}
