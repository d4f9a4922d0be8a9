/** Waits for results where the store cannot notify: one poll for all who wait in this process. */
import { openResultWaiters, type ResultWaiters } from '../../brokers/result-waiters.ts';
import { type Clock, sleep } from '../../clock.ts';
import type { ResultStore, StoredResult } from '../../result-store.ts';

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 1_000;
const GROWTH = 1.5;

export interface ResultPolling {
  /** @throws what the last look threw, where the time is over and it was in vain */
  wait(id: string, options: Parameters<ResultStore['wait']>[1]): Promise<StoredResult | undefined>;
  readonly notify: ResultWaiters['notify'];
  /** Ends all waits with nothing. */
  readonly close: () => void;
}

/** `look` reads results by their ids. The pause between two looks grows while nobody joins. */
export function openPolling(
  clock: Clock,
  look: (ids: readonly string[]) => Promise<readonly (StoredResult | undefined)[]>,
): ResultPolling {
  const waiters = openResultWaiters(clock);
  let pauseMs = FIRST_PAUSE_MS;
  let dueAtMs = 0;
  let isPolling = false;
  let fault: unknown;
  let hurry = new AbortController();

  async function poll(): Promise<void> {
    while (waiters.ids().length > 0) {
      const leftMs = dueAtMs - clock.now();
      if (leftMs <= 0) await lookOnce();
      else await sleep(clock, leftMs, hurry.signal);
      if (hurry.signal.aborted) hurry = new AbortController();
    }
    isPolling = false;
  }

  async function lookOnce(): Promise<void> {
    try {
      for (const result of await look(waiters.ids())) if (result !== undefined) waiters.notify(result);
      fault = undefined;
    } catch (error) {
      fault = error; // told to those whose time is over before a look succeeds again
    }
    pauseMs = Math.min(pauseMs * GROWTH, LONGEST_PAUSE_MS);
    dueAtMs = clock.now() + pauseMs;
  }

  function join(): void {
    pauseMs = FIRST_PAUSE_MS;
    const soonMs = clock.now() + FIRST_PAUSE_MS;
    if (!isPolling || soonMs < dueAtMs) {
      dueAtMs = soonMs;
      hurry.abort();
    }
    if (isPolling) return;
    isPolling = true;
    hurry = new AbortController();
    void poll();
  }

  return {
    async wait(id, options) {
      const waited = waiters.wait(id, options);
      if (waiters.isWaitedFor(id)) join();
      const result = await waited;
      if (result === undefined && fault !== undefined && options.signal?.aborted !== true) throw fault;
      return result;
    },
    notify: waiters.notify,
    close() {
      fault = undefined;
      waiters.close();
      hurry.abort();
    },
  };
}
