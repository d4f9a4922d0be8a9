import { isOutcomeOf } from '../../result-precedence.ts';
import type { Claim, ResultStore, StoredResult } from '../../result-store.ts';
import type { EmbeddedFile } from './embedded-file.ts';

type Key = Parameters<ResultStore['claim']>[0];

/** Claims of runs of tasks marked `once`; each method needs a write transaction. */
export interface TaskClaims {
  claim(key: Key, owner: string, leaseSeconds: number): Claim;
  unclaim(key: Key, owner: string): void;
  removeEndedUntil(endedAtMs: number): void;
}

export function openTaskClaims(
  { database, runtime }: EmbeddedFile,
  findResult: (id: string) => StoredResult | undefined,
): TaskClaims {
  const select = database.prepare(
    'SELECT owner, until FROM cellar_claims WHERE id = ? AND retries = ? AND generation = ?',
  );
  const put = database.prepare(
    'INSERT OR REPLACE INTO cellar_claims (id, retries, generation, owner, until) VALUES (?, ?, ?, ?, ?)',
  );
  const remove = database.prepare(
    'DELETE FROM cellar_claims WHERE id = ? AND retries = ? AND generation = ? AND owner = ?',
  );
  const removeEnded = database.prepare('DELETE FROM cellar_claims WHERE until <= ?');
  return {
    claim(key, owner, leaseSeconds) {
      const result = findResult(key.id);
      if (result !== undefined && isOutcomeOf(result, key)) return { kind: 'done', result };
      const now = runtime.clock.now();
      const held = select.get(key.id, key.retries, key.generation);
      const untilMs = Number(held?.['until'] ?? 0);
      if (held !== undefined && held['owner'] !== owner && untilMs > now) return { kind: 'running', untilMs };
      put.run(key.id, key.retries, key.generation, owner, Math.ceil(now + leaseSeconds * 1000));
      return { kind: 'claimed' };
    },
    unclaim: ({ id, retries, generation }, owner) => void remove.run(id, retries, generation, owner),
    removeEndedUntil: (endedAtMs) => void removeEnded.run(endedAtMs),
  };
}
