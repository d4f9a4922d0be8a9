import type { Clock } from '../../clock.ts';

/** Values by id: the newest so many, each for so long. */
export interface RecentlyKept<Value> {
  get(id: string): Value | undefined;
  /** As the newest. */
  put(id: string, value: Value): void;
  delete(id: string): void;
  newestFirst(): readonly Value[];
  /** Answers how many. */
  dropOld(): number;
}

export function recentlyKept<Value>({
  clock,
  keptMs,
  most,
}: {
  readonly clock: Clock;
  readonly keptMs: number;
  readonly most: number;
}): RecentlyKept<Value> {
  /** In the order in which they were put. */
  const entries = new Map<string, { readonly value: Value; readonly untilMs: number }>();

  function dropOld(): number {
    let dropped = 0;
    for (const [id, { untilMs }] of entries) {
      if (untilMs > clock.now() && entries.size <= most) break;
      entries.delete(id);
      dropped++;
    }
    return dropped;
  }

  return {
    get(id) {
      const entry = entries.get(id);
      return entry !== undefined && entry.untilMs > clock.now() ? entry.value : undefined;
    },
    put(id, value) {
      entries.delete(id);
      entries.set(id, { value, untilMs: clock.now() + keptMs });
      dropOld();
    },
    delete: (id) => void entries.delete(id),
    newestFirst() {
      dropOld();
      return [...entries.values()].map(({ value }) => value).reverse();
    },
    dropOld,
  };
}
