import type { Clock } from '../clock.ts';
import { isReady } from '../result-precedence.ts';
import type { StoredResult } from '../result-store.ts';

/** Calls of `ResultStore.wait` that have not ended. */
export interface ResultWaiters {
  wait(
    id: string,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<StoredResult | undefined>;
  /** Ends the waits for a result that is ready; to be called after it is safely stored. */
  notify(result: StoredResult): void;
  isWaitedFor(id: string): boolean;
  /** The ids waited for. */
  ids(): readonly string[];
  /** Ends all waits with nothing. */
  close(): void;
}

type Waiter = (result: StoredResult | undefined) => void;

export function openResultWaiters(clock: Clock): ResultWaiters {
  const waiters = new Map<string, Set<Waiter>>();

  function add(id: string, waiter: Waiter): void {
    const others = waiters.get(id);
    if (others === undefined) waiters.set(id, new Set([waiter]));
    else others.add(waiter);
  }

  function remove(id: string, waiter: Waiter): void {
    const others = waiters.get(id);
    others?.delete(waiter);
    if (others?.size === 0) waiters.delete(id);
  }

  return {
    wait: (id, { timeoutMs, signal }) =>
      new Promise((resolve) => {
        if (timeoutMs <= 0 || signal?.aborted === true) return resolve(undefined);
        const end = (): void => finish(undefined);
        const finish: Waiter = (result) => {
          cancel();
          signal?.removeEventListener('abort', end);
          remove(id, finish);
          resolve(result);
        };
        const cancel = clock.setTimer(timeoutMs, end);
        signal?.addEventListener('abort', end, { once: true });
        add(id, finish);
      }),
    notify(result) {
      if (waiters.size === 0 || !isReady(result.state)) return;
      for (const finish of [...(waiters.get(result.id) ?? [])]) finish(result);
    },
    isWaitedFor: (id) => waiters.has(id),
    ids: () => [...waiters.keys()],
    close() {
      for (const finish of [...waiters.values()].flatMap((others) => [...others])) finish(undefined);
    },
  };
}
