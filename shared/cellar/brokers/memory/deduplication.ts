/** Deduplication ids of each queue, for a window that begins with the first message. */
export class Deduplication {
  readonly #windowMs: number;
  /** In the order in which they end, because all windows are equally long. */
  readonly #until = new Map<string, number>();

  constructor(windowSeconds: number) {
    this.#windowMs = windowSeconds * 1000;
  }

  /** Whether this id is not remembered in this queue; it is from now on. */
  isNew(queue: string, id: string, nowMs: number): boolean {
    for (const [key, untilMs] of this.#until) {
      if (untilMs > nowMs) break;
      this.#until.delete(key);
    }
    const key = `${queue}\n${id}`;
    if (this.#until.has(key)) return false;
    this.#until.set(key, nowMs + this.#windowMs);
    return true;
  }
}
