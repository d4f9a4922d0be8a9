/** Deliveries that were taken and wait because their task's rate limit is used up; other tasks of the queue pass them. */
import type { Delivery } from '../broker.ts';
import { timeOfIso } from '../celery/tagged-json.ts';
import type { Clock } from '../clock.ts';
import type { RateLimits } from './rate-limits.ts';

export interface ThrottleParts {
  readonly rates: RateLimits;
  readonly clock: Clock;
  /** Called when one that waits may start, or a limit has changed. */
  readonly wake: () => void;
}

/** The waiting room of one loop. A message in it holds its message group, so that the group's order stands. */
export class Throttle {
  readonly #parts: ThrottleParts;
  /** By task, in order. */
  readonly #waiting = new Map<string, Delivery[]>();
  readonly #unwatch: () => void;
  #size = 0;
  #cancel: (() => void) | undefined;

  constructor(parts: ThrottleParts) {
    this.#parts = parts;
    this.#unwatch = parts.rates.watch(parts.wake);
  }

  get size(): number {
    return this.#size;
  }

  /** How long it must wait for its task's rate, in ms, behind those of its task that wait already; 0 = it may start. */
  waitMs(delivery: Delivery): number {
    const { rates } = this.#parts;
    if (rates.areNone) return 0;
    const { task } = delivery.message.headers;
    if (typeof task !== 'string' || this.#isEarly(delivery)) return 0;
    const before = this.#waiting.get(task)?.length ?? 0;
    return rates.waitMs(task) + before * rates.intervalMs(task);
  }

  /** Sets one aside that must wait. */
  hold(delivery: Delivery): void {
    const task = String(delivery.message.headers.task);
    const before = this.#waiting.get(task);
    if (before === undefined) this.#waiting.set(task, [delivery]);
    else before.push(delivery);
    this.#size++;
  }

  /** One that waited and may start now, without taking it. */
  peek(): Delivery | undefined {
    if (this.#size === 0) return undefined;
    for (const [task, [first]] of this.#waiting) if (this.#parts.rates.waitMs(task) === 0) return first;
    return undefined;
  }

  /** Notes that this one starts; true when it was one that waited here. */
  take(delivery: Delivery): boolean {
    const { rates } = this.#parts;
    if (rates.areNone && this.#size === 0) return false;
    const task = String(delivery.message.headers.task);
    if (!this.#isEarly(delivery)) rates.take(task);
    const waiting = this.#waiting.get(task);
    if (waiting?.[0] !== delivery) return false;
    waiting.shift();
    if (waiting.length === 0) this.#waiting.delete(task);
    this.#size--;
    return true;
  }

  /** Its time has not come: it will not run, but wait elsewhere. */
  #isEarly({ message }: Delivery): boolean {
    const { eta } = message.headers;
    return typeof eta === 'string' && timeOfIso(eta) > this.#parts.clock.now();
  }

  /** Wakes the loop when the next of those that wait may start. */
  arm(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    if (this.#size === 0) return;
    const { rates, clock, wake } = this.#parts;
    const waitMs = Math.min(...[...this.#waiting.keys()].map((task) => rates.waitMs(task)));
    // One that may start already starts with the next slot that is free.
    if (waitMs > 0) this.#cancel = clock.setTimer(waitMs, wake);
  }

  /** Takes out all that wait, each task's in order. */
  drain(): readonly Delivery[] {
    const all = [...this.#waiting.values()].flat();
    this.#waiting.clear();
    this.#size = 0;
    return all;
  }

  stop(): void {
    this.#cancel?.();
    this.#unwatch();
  }
}
