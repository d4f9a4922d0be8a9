/** The result store that contexts and tasks get in a child: its worker's, asked through it. */
import type { ResultStore, StoredResult } from '../../result-store.ts';
import type { ResultFacts } from './child-protocol.ts';

/** Asks the worker's store; what it answers crosses as JSON with Celery's tagged types. */
export type AskResults = <Answer>(method: keyof ResultStore, args: readonly unknown[]) => Promise<Answer>;

export function childResults(facts: ResultFacts, ask: AskResults): ResultStore {
  return {
    ...facts,
    get: async (ids) => (await ask<(StoredResult | null)[]>('get', [ids])).map((result) => result ?? undefined),
    store: (updates) => ask('store', [updates]),
    wait: async (id, { timeoutMs, signal }) =>
      (await unlessAborted(ask<StoredResult | null>('wait', [id, { timeoutMs }]), signal)) ?? undefined,
    claim: (...args) => ask('claim', args),
    unclaim: (...args) => ask('unclaim', args),
    revoke: (ids) => ask('revoke', [ids]),
    revoked: async (ids) => new Set(await ask<string[]>('revoked', [ids])),
    list: (options) => ask('list', [options]),
    forget: (ids) => ask('forget', [ids]),
    cleanup: () => ask('cleanup', []),
    async close() {},
  };
}

/** The wait goes on where it is, unheard. */
function unlessAborted<T>(answer: Promise<T>, signal: AbortSignal | undefined): Promise<T | undefined> {
  if (signal === undefined) return answer;
  return new Promise((resolve, reject) => {
    const onAbort = (): void => resolve(undefined);
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    answer.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}
