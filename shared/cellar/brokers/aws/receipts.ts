/** The receipts of this process: which it holds, and which it has settled. */
import type { Delivery } from '../../broker.ts';

const REMEMBERED = 10_000;

/** SQS would take a second release, and says nothing clear of a second delete: this process knows better. */
export class Receipts {
  /** Oldest first. */
  readonly #settled = new Set<string>();
  /** Receipt to queue, oldest first; what is never settled here is forgotten in the end. */
  readonly #held = new Map<string, string>();
  readonly #counts = new Map<string, number>();

  /** They were handed out. */
  add(deliveries: readonly Delivery[]): void {
    for (const { receipt, queue } of deliveries) {
      this.#held.set(receipt, queue);
      this.#counts.set(queue, this.held(queue) + 1);
      if (this.#held.size > REMEMBERED) this.#drop(oldestOf(this.#held.keys()));
    }
  }

  /** How many of a queue's deliveries are out and not settled. */
  held(queue: string): number {
    return this.#counts.get(queue) ?? 0;
  }

  /** Whether this receipt was not settled yet; it is from now on. */
  settle(receipt: string): boolean {
    if (this.#settled.has(receipt)) return false;
    this.#drop(receipt);
    this.#settled.add(receipt);
    if (this.#settled.size > REMEMBERED) this.#settled.delete(oldestOf(this.#settled));
    return true;
  }

  /** It was not settled after all. */
  unsettle(receipt: string): void {
    this.#settled.delete(receipt);
  }

  #drop(receipt: string): void {
    const queue = this.#held.get(receipt);
    if (queue === undefined) return;
    this.#held.delete(receipt);
    this.#counts.set(queue, this.held(queue) - 1);
  }
}

function oldestOf(receipts: Iterable<string>): string {
  for (const oldest of receipts) return oldest;
  return '';
}
