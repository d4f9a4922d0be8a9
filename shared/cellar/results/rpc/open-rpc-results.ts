/**
 * Results that travel as messages, as Celery's `rpc://`: a worker sends each state to the queue that the caller named, and
 * nothing is kept anywhere else. Only the process that sent a task hears what became of it.
 */
import { openResultWaiters } from '../../brokers/result-waiters.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { isReady } from '../../result-precedence.ts';
import type { ResultStore, StoredResult } from '../../result-store.ts';
import { recentlyKept } from './recently-kept.ts';
import type { Replies } from './replies.ts';
import { replyOf, resultOf } from './reply-body.ts';

export interface RpcResultsOptions {
  /** Closed with the results. */
  readonly replies: Replies;
  readonly runtime: Runtime;
  /** How long this process remembers what it heard, and what was revoked. */
  readonly resultExpiresSeconds: number;
}

/** As many results as Celery's client keeps that nobody asked for (celery/backends/asynchronous.py). */
const MOST_RESULTS = 8_192;
/** As many ids as Celery's workers remember as revoked (celery/worker/state.py). */
const MOST_REVOKED = 50_000;
const NO_CLAIMS =
  'results that travel as messages (rpc:) are kept nowhere, so that no two workers can agree who runs a task';

export function openRpcResults({ replies, runtime, resultExpiresSeconds }: RpcResultsOptions): ResultStore {
  const { clock } = runtime;
  const waiters = openResultWaiters(clock);
  const keptMs = resultExpiresSeconds * 1000;
  const heard = recentlyKept<StoredResult>({ clock, keptMs, most: MOST_RESULTS });
  const revocations = recentlyKept<true>({ clock, keptMs, most: MOST_REVOKED });
  let isClosed = false;

  const refuseWhenClosed = (): void => {
    if (isClosed) throw new CellarError('closed', 'the result store is closed');
  };

  replies.listen((reply) => {
    const result = resultOf(reply, clock.now());
    const known = heard.get(result.id);
    if (known !== undefined && isReady(known.state) && !isReady(result.state)) return; // told late
    heard.put(result.id, result);
    waiters.notify(result);
  });

  return {
    expiresSeconds: resultExpiresSeconds,
    replyTo: replies.name,
    refusesClaims: `${NO_CLAIMS}, allowed: redis:`,
    async get(ids) {
      refuseWhenClosed();
      return ids.map((id) => heard.get(id));
    },
    async store(updates) {
      refuseWhenClosed();
      const sent = updates.map(async (update) => {
        if (update.replyTo !== undefined) await replies.send(update.replyTo, replyOf(update));
      });
      await Promise.all(sent);
    },
    async wait(id, options) {
      refuseWhenClosed();
      const found = heard.get(id);
      return found !== undefined && isReady(found.state) ? found : await waiters.wait(id, options);
    },
    async claim() {
      throw new CellarError('not-supported', `${NO_CLAIMS}, allowed: redis:`);
    },
    async unclaim() {
      refuseWhenClosed(); // there are none
    },
    async revoke(ids) {
      refuseWhenClosed();
      for (const id of ids) revocations.put(id, true);
    },
    async revoked(ids) {
      refuseWhenClosed();
      return new Set(ids.filter((id) => revocations.get(id)));
    },
    async list({ limit, state, task, queue }) {
      refuseWhenClosed();
      const isAsked = (result: StoredResult): boolean =>
        (state === undefined || result.state === state) &&
        (task === undefined || result.task === task) &&
        (queue === undefined || result.queue === queue);
      return heard.newestFirst().filter(isAsked).slice(0, limit);
    },
    async forget(ids) {
      refuseWhenClosed();
      for (const id of ids) heard.delete(id);
    },
    async cleanup() {
      refuseWhenClosed();
      revocations.dropOld();
      return heard.dropOld();
    },
    async close() {
      if (isClosed) return;
      isClosed = true;
      waiters.close();
      await replies.close();
    },
  };
}
