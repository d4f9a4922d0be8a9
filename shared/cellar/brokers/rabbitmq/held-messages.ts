/** What one process holds of one queue: messages that came and are not settled. */
import type { ConfirmChannel, ConsumeMessage } from 'amqplib';

/** How many messages one consumer may have that are not settled, and how many it has. */
export interface Credit {
  readonly tag: string;
  readonly prefetch: number;
  unsettled: number;
}

/** One message on the channel that it came on. */
export interface Entry {
  readonly channel: ConfirmChannel;
  readonly raw: ConsumeMessage;
  readonly credit: Credit;
  readonly arrivedMs: number;
  readonly messageGroup: string | undefined;
  /** Of its present delivery; empty while it is not out. */
  receipt: string;
  /** Given back, and not to be delivered before. */
  dueMs: number;
}

export interface HeldMessages {
  add(entry: Entry): void;
  /** Up to so many that may be out now, in their order; they are out then. */
  take(max: number, nowMs: number): readonly Entry[];
  /** Lets go of one that is settled. */
  remove(entry: Entry): void;
  /** Makes one that was out wait for its time, in its place. */
  putBack(entry: Entry): void;
  /** Those that are not out. */
  readonly waiting: readonly Entry[];
  readonly waitingCount: number;
  /** The next time at which one that was put back may be out again; infinite where there is none. */
  nextDueMs(nowMs: number): number;
  clear(): void;
}

/** Of a plain queue: each may be out beside each other. Nothing is put back here: it goes back to the server. */
export class PlainMessages implements HeldMessages {
  readonly #waiting = new Set<Entry>();

  add(entry: Entry): void {
    this.#waiting.add(entry);
  }

  take(max: number): readonly Entry[] {
    const taken: Entry[] = [];
    for (const entry of this.#waiting) {
      if (taken.length === max) break;
      this.#waiting.delete(entry);
      taken.push(entry);
    }
    return taken;
  }

  remove(entry: Entry): void {
    this.#waiting.delete(entry);
  }

  putBack(entry: Entry): void {
    this.#waiting.add(entry);
  }

  get waiting(): readonly Entry[] {
    return [...this.#waiting];
  }

  get waitingCount(): number {
    return this.#waiting.size;
  }

  nextDueMs(): number {
    return Number.POSITIVE_INFINITY;
  }

  clear(): void {
    this.#waiting.clear();
  }
}

/**
 * Of an ordered queue, in the order in which they came: of each group the first may be out, with those behind it that go out
 * in the same answer; the others wait for them, also while the first waits for its time.
 */
export class OrderedMessages implements HeldMessages {
  readonly #held = new Set<Entry>();

  add(entry: Entry): void {
    this.#held.add(entry);
  }

  take(max: number, nowMs: number): readonly Entry[] {
    const taken: Entry[] = [];
    const blocked = this.#groupsOut();
    for (const entry of this.#held) {
      if (taken.length === max) break;
      const { messageGroup, receipt, dueMs } = entry;
      if (receipt !== '' || (messageGroup !== undefined && blocked.has(messageGroup))) continue;
      if (dueMs <= nowMs) taken.push(entry);
      else if (messageGroup !== undefined) blocked.add(messageGroup);
    }
    return taken;
  }

  #groupsOut(): Set<string> {
    const groups = new Set<string>();
    for (const { messageGroup, receipt } of this.#held)
      if (receipt !== '' && messageGroup !== undefined) groups.add(messageGroup);
    return groups;
  }

  remove(entry: Entry): void {
    this.#held.delete(entry);
  }

  putBack(entry: Entry): void {
    entry.receipt = '';
  }

  get waiting(): readonly Entry[] {
    return [...this.#held].filter(({ receipt }) => receipt === '');
  }

  get waitingCount(): number {
    return this.waiting.length;
  }

  nextDueMs(nowMs: number): number {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs, receipt } of this.#held) if (receipt === '' && dueMs > nowMs) next = Math.min(next, dueMs);
    return next;
  }

  clear(): void {
    this.#held.clear();
  }
}
