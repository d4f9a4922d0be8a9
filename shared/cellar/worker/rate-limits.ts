/** How often tasks may start in this worker process: a token bucket of capacity 1 per task, as Celery's. */
import type { Clock } from '../clock.ts';
import { type RateLimit, ratePerSecond } from '../rate-limit.ts';
import type { BoundHandler } from '../worker.ts';

interface Bucket {
  readonly limit: RateLimit;
  readonly perMs: number;
  tokens: number;
  countedAtMs: number;
}

/** The limits of all loops of one process. */
export class RateLimits {
  readonly #clock: Clock;
  readonly #buckets = new Map<string, Bucket>();
  readonly #watching = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Adds the limits of these handlers' contracts. */
  adopt(handlers: ReadonlyMap<string, BoundHandler>): void {
    for (const { contract } of handlers.values()) {
      const { rateLimit } = contract.options;
      if (rateLimit !== undefined && !this.#buckets.has(contract.name)) this.set(contract.name, rateLimit);
    }
  }

  get areNone(): boolean {
    return this.#buckets.size === 0;
  }

  /** Sets the limit of a task from now on; what is no limit, as 0, ends it. */
  set(task: string, limit: RateLimit): void {
    const perMs = (ratePerSecond(limit) ?? 0) / 1000;
    if (perMs === 0) this.#buckets.delete(task);
    else this.#buckets.set(task, { limit, perMs, tokens: 1, countedAtMs: this.#clock.now() });
    for (const changed of this.#watching) changed();
  }

  /** The limit as it was written; `undefined` = none. */
  limitOf(task: string): RateLimit | undefined {
    return this.#buckets.get(task)?.limit;
  }

  /** How long until one of this task may start, in ms; 0 = now. */
  waitMs(task: string): number {
    const bucket = this.#buckets.get(task);
    if (bucket === undefined) return 0;
    const tokens = this.#tokensOf(bucket);
    return tokens >= 1 ? 0 : Math.ceil((1 - tokens) / bucket.perMs);
  }

  /** How long after one start the next may follow, in ms; 0 = at once. */
  intervalMs(task: string): number {
    const bucket = this.#buckets.get(task);
    return bucket === undefined ? 0 : 1 / bucket.perMs;
  }

  /** One of this task starts. */
  take(task: string): void {
    const bucket = this.#buckets.get(task);
    if (bucket !== undefined) bucket.tokens = Math.max(0, this.#tokensOf(bucket) - 1);
  }

  /** Calls back when a limit was set; answers a function that ends that. */
  watch(changed: () => void): () => void {
    this.#watching.add(changed);
    return () => this.#watching.delete(changed);
  }

  #tokensOf(bucket: Bucket): number {
    const nowMs = this.#clock.now();
    bucket.tokens = Math.min(1, bucket.tokens + (nowMs - bucket.countedAtMs) * bucket.perMs);
    bucket.countedAtMs = nowMs;
    return bucket.tokens;
  }
}
