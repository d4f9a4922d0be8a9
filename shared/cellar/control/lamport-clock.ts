/** A logical clock, by which events of several nodes are put in order (kombu/clocks.py). */
export class LamportClock {
  #value = 0;

  get value(): number {
    return this.#value;
  }

  /** Something happened here. */
  forward(): number {
    return ++this.#value;
  }

  /** Something was heard from a node whose clock stood there; what is no number counts as 0. */
  adjust(other: unknown): number {
    const heard = typeof other === 'number' && Number.isSafeInteger(other) ? other : 0;
    this.#value = Math.max(this.#value, heard) + 1;
    return this.#value;
  }
}
