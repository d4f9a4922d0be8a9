import type { Clock } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { isOutcomeOf, isReady, supersedes } from '../../result-precedence.ts';
import type { Claim, ResultListOptions, ResultStore, ResultUpdate, StoredResult } from '../../result-store.ts';
import { openResultWaiters } from '../result-waiters.ts';

type Key = Parameters<ResultStore['claim']>[0];

/** The result store in memory; results stand in the order of their last change. */
export class MemoryResults implements ResultStore {
  readonly expiresSeconds: number;
  readonly #clock: Clock;
  readonly #results = new Map<string, StoredResult>();
  readonly #claims = new Map<string, { readonly owner: string; readonly untilMs: number }>();
  readonly #revoked = new Map<string, number>();
  readonly #waiters;
  #isClosed = false;

  constructor(clock: Clock, expiresSeconds: number) {
    this.#clock = clock;
    this.expiresSeconds = expiresSeconds;
    this.#waiters = openResultWaiters(clock);
  }

  /** Stores one update by its precedence, at once. */
  put(update: ResultUpdate): void {
    this.#dropOld(2);
    const stored = this.#find(update.id);
    if (stored !== undefined && !supersedes(update, stored)) return;
    const result = { ...update, updatedAtMs: this.#clock.now() };
    this.#results.delete(update.id);
    this.#results.set(update.id, result);
    this.#waiters.notify(result);
  }

  async get(ids: readonly string[]): Promise<readonly (StoredResult | undefined)[]> {
    this.#refuseWhenClosed();
    return ids.map((id) => this.#find(id));
  }

  async store(updates: readonly ResultUpdate[]): Promise<void> {
    this.#refuseWhenClosed();
    for (const update of updates) this.put(update);
  }

  async wait(id: string, options: Parameters<ResultStore['wait']>[1]): Promise<StoredResult | undefined> {
    this.#refuseWhenClosed();
    const found = this.#find(id);
    return found !== undefined && isReady(found.state) ? found : await this.#waiters.wait(id, options);
  }

  async claim(key: Key, owner: string, leaseSeconds: number): Promise<Claim> {
    this.#refuseWhenClosed();
    const result = this.#find(key.id);
    if (result !== undefined && isOutcomeOf(result, key)) return { kind: 'done', result };
    const held = this.#claims.get(nameOf(key));
    const now = this.#clock.now();
    if (held !== undefined && held.owner !== owner && held.untilMs > now)
      return { kind: 'running', untilMs: held.untilMs };
    this.#claims.set(nameOf(key), { owner, untilMs: now + leaseSeconds * 1000 });
    return { kind: 'claimed' };
  }

  async unclaim(keys: readonly Key[], owner: string): Promise<void> {
    this.#refuseWhenClosed();
    for (const name of keys.map(nameOf)) if (this.#claims.get(name)?.owner === owner) this.#claims.delete(name);
  }

  async revoke(ids: readonly string[]): Promise<void> {
    this.#refuseWhenClosed();
    for (const id of ids) this.#revoked.set(id, this.#clock.now() + this.expiresSeconds * 1000);
  }

  async revoked(ids: readonly string[]): Promise<ReadonlySet<string>> {
    this.#refuseWhenClosed();
    const now = this.#clock.now();
    return new Set(ids.filter((id) => (this.#revoked.get(id) ?? 0) > now));
  }

  async list({ limit, state, task, queue }: ResultListOptions): Promise<readonly StoredResult[]> {
    this.#refuseWhenClosed();
    this.#dropOld(Number.POSITIVE_INFINITY);
    const isAsked = (result: StoredResult): boolean =>
      (state === undefined || result.state === state) &&
      (task === undefined || result.task === task) &&
      (queue === undefined || result.queue === queue);
    return [...this.#results.values()].reverse().filter(isAsked).slice(0, limit);
  }

  async forget(ids: readonly string[]): Promise<void> {
    this.#refuseWhenClosed();
    for (const id of ids) this.#results.delete(id);
  }

  async cleanup(): Promise<number> {
    this.#refuseWhenClosed();
    const now = this.#clock.now();
    for (const [id, untilMs] of this.#revoked) if (untilMs <= now) this.#revoked.delete(id);
    for (const [name, { untilMs }] of this.#claims) if (untilMs <= this.#oldestMs()) this.#claims.delete(name);
    return this.#dropOld(Number.POSITIVE_INFINITY);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#waiters.close();
  }

  #find(id: string): StoredResult | undefined {
    const result = this.#results.get(id);
    return result !== undefined && result.updatedAtMs > this.#oldestMs() ? result : undefined;
  }

  /** Drops expired results, the oldest first, at most so many: a few with each new one keep the memory bounded. */
  #dropOld(limit: number): number {
    let dropped = 0;
    for (const [id, { updatedAtMs }] of this.#results) {
      if (updatedAtMs > this.#oldestMs() || dropped >= limit) break;
      this.#results.delete(id);
      dropped++;
    }
    return dropped;
  }

  #oldestMs(): number {
    return this.#clock.now() - this.expiresSeconds * 1000;
  }

  #refuseWhenClosed(): void {
    if (this.#isClosed) throw new CellarError('closed', 'the result store is closed');
  }
}

function nameOf({ id, retries, generation }: Key): string {
  return `${generation}.${retries}.${id}`;
}
