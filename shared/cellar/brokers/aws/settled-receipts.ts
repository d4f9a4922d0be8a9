/** Receipts that this process has settled: SQS would take a second release, and says nothing clear of a second delete. */
const REMEMBERED = 10_000;

export class SettledReceipts {
  /** Oldest first. */
  readonly #receipts = new Set<string>();

  /** Whether this receipt was not settled yet; it is from now on. */
  take(receipt: string): boolean {
    if (this.#receipts.has(receipt)) return false;
    this.#receipts.add(receipt);
    if (this.#receipts.size > REMEMBERED) {
      for (const oldest of this.#receipts) {
        this.#receipts.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** It was not settled after all. */
  giveBack(receipt: string): void {
    this.#receipts.delete(receipt);
  }
}
