/** Deliveries waiting to run, one lane per message group: a group's next waits until the one before is done. */
import type { Delivery } from '../broker.ts';

export class Lanes {
  /** May start now, in order of arrival. */
  #ready: Delivery[] = [];
  #head = 0;
  /** May start when nothing else may, in order of arrival. */
  readonly #last: Delivery[] = [];
  readonly #isLast: (delivery: Delivery) => boolean;
  /** Group → what waits behind its first, which is ready or running. */
  readonly #behind = new Map<string, Delivery[]>();
  #waiting = 0;

  /** `isLast` tells those that start after all others that may. @default none */
  constructor(isLast: (delivery: Delivery) => boolean = () => false) {
    this.#isLast = isLast;
  }

  /** How many wait here. */
  get size(): number {
    return this.#ready.length - this.#head + this.#last.length + this.#waiting;
  }

  /** Whether one waits for all others. */
  get hasLast(): boolean {
    return this.#last.length > 0;
  }

  add(delivery: Delivery): void {
    const { messageGroup } = delivery;
    const behind = messageGroup === undefined ? undefined : this.#behind.get(messageGroup);
    if (behind !== undefined) {
      behind.push(delivery);
      this.#waiting++;
      return;
    }
    if (messageGroup !== undefined) this.#behind.set(messageGroup, []);
    this.#free(delivery);
  }

  #free(delivery: Delivery): void {
    (this.#isLast(delivery) ? this.#last : this.#ready).push(delivery);
  }

  /** The next that may start, without taking it. */
  peek(): Delivery | undefined {
    return this.#ready[this.#head] ?? this.#last[0];
  }

  /** Takes the next that may start; its group is held until `done`. */
  take(): Delivery | undefined {
    const next = this.#ready[this.#head];
    if (next === undefined) return this.#last.shift();
    this.#head++;
    if (this.#head > 512 && this.#head * 2 > this.#ready.length) {
      this.#ready = this.#ready.slice(this.#head);
      this.#head = 0;
    }
    return next;
  }

  /** Frees the group of one that was taken: its next becomes ready. */
  done({ messageGroup }: Delivery): void {
    if (messageGroup === undefined) return;
    const next = this.#behind.get(messageGroup)?.shift();
    if (next === undefined) {
      this.#behind.delete(messageGroup);
    } else {
      this.#waiting--;
      this.#free(next);
    }
  }

  /** Takes out all that wait behind a group, in order; its later arrivals start a new lane. */
  drainGroup(messageGroup: string | undefined): readonly Delivery[] {
    const behind = messageGroup === undefined ? undefined : this.#behind.get(messageGroup);
    if (messageGroup === undefined || behind === undefined) return [];
    this.#behind.delete(messageGroup);
    this.#waiting -= behind.length;
    return behind;
  }

  /** Takes out those without a group that may start. */
  drainUngrouped(): readonly Delivery[] {
    const waiting = this.#ready.slice(this.#head);
    this.#ready = waiting.filter(({ messageGroup }) => messageGroup !== undefined);
    this.#head = 0;
    return waiting.filter(({ messageGroup }) => messageGroup === undefined);
  }

  /** Takes out everything that waits, each group in order. */
  drain(): readonly Delivery[] {
    const all = [...this.#ready.slice(this.#head), ...this.#last.splice(0), ...[...this.#behind.values()].flat()];
    this.#ready = [];
    this.#head = 0;
    this.#waiting = 0;
    this.#behind.clear();
    return all;
  }
}
