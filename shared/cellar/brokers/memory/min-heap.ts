/** A binary heap: the first item by `isBefore` comes out first; adding and taking cost the logarithm of the size. */
export class MinHeap<T> {
  readonly #items: T[] = [];
  readonly #isBefore: (left: T, right: T) => boolean;

  constructor(isBefore: (left: T, right: T) => boolean) {
    this.#isBefore = isBefore;
  }

  peek(): T | undefined {
    return this.#items[0];
  }

  push(item: T): void {
    let at = this.#items.length;
    this.#items.push(item);
    while (at > 0) {
      const parentAt = (at - 1) >> 1;
      const parent = this.#items[parentAt];
      if (parent === undefined || !this.#isBefore(item, parent)) break;
      this.#items[at] = parent;
      at = parentAt;
    }
    this.#items[at] = item;
  }

  pop(): T | undefined {
    const first = this.#items[0];
    const last = this.#items.pop();
    if (last !== undefined && this.#items.length > 0) this.#sinkFromTop(last);
    return first;
  }

  #sinkFromTop(item: T): void {
    let at = 0;
    for (;;) {
      const childAt = this.#firstChild(at);
      const child = this.#items[childAt];
      if (child === undefined || !this.#isBefore(child, item)) break;
      this.#items[at] = child;
      at = childAt;
    }
    this.#items[at] = item;
  }

  #firstChild(at: number): number {
    const left = this.#items[2 * at + 1];
    const right = this.#items[2 * at + 2];
    return left !== undefined && right !== undefined && this.#isBefore(right, left) ? 2 * at + 2 : 2 * at + 1;
  }
}
