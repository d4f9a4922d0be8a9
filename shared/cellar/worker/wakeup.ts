/** Wakes those who wait for the next change. */
export class Wakeup {
  #wake: (() => void) | undefined;

  /** Resolves at the next `wake`. */
  next(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const others = this.#wake;
    this.#wake = () => {
      others?.();
      resolve();
    };
    return promise;
  }

  wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
