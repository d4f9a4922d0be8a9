/**
 * Shows items as children of `container`, one each by key: elements stay, move, come and go as the items do, so that
 * focus and selection outlive an update.
 * @template Item
 * @param {HTMLElement} container
 * @param {{ key: (item: Item) => string, make: () => { root: HTMLElement, update: (item: Item) => void } }} options
 */
export function keyedList(container, { key, make }) {
  /** @type {Map<string, { root: HTMLElement, update: (item: Item) => void }>} */
  let shown = new Map();
  let first = true;
  /** @param {readonly Item[]} items */
  return (items) => {
    const next = new Map();
    for (const item of items) {
      const id = key(item);
      const entry = shown.get(id) ?? make();
      // What comes later is marked for a moment; what was there at first is not news.
      if (!shown.has(id) && !first) entry.root.classList.add('is-new');
      entry.update(item);
      next.set(id, entry);
    }
    for (const [id, { root }] of shown) if (!next.has(id)) root.remove();
    let place = container.firstElementChild;
    for (const { root } of next.values()) {
      if (root === place) place = place.nextElementSibling;
      else container.insertBefore(root, place);
    }
    shown = next;
    first = false;
  };
}
