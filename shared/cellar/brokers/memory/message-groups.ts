import type { Entry } from './entry.ts';

/** The messages of each group in their order; the first is the head, the only one that may be out. */
export class MessageGroups {
  readonly #groups = new Map<string, Set<Entry>>();

  /** Takes the message in; whether it is the head of its group. */
  join(entry: Entry): boolean {
    entry.arrived = true;
    if (entry.messageGroup === undefined) return true;
    const group = this.#groups.get(entry.messageGroup);
    if (group === undefined) this.#groups.set(entry.messageGroup, new Set([entry]));
    else group.add(entry);
    return group === undefined;
  }

  /** Lets the message go; the message that is the head now, if it was blocked. */
  leave(entry: Entry): Entry | undefined {
    if (entry.messageGroup === undefined || !entry.arrived) return undefined;
    const group = this.#groups.get(entry.messageGroup);
    group?.delete(entry);
    const head = group?.values().next().value;
    if (head === undefined) this.#groups.delete(entry.messageGroup);
    return head?.place === 'blocked' ? head : undefined;
  }
}
