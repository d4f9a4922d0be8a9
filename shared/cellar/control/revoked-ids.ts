/** Ids of tasks that were revoked by remote control, as a Celery worker keeps them (celery/worker/state.py). */
import type { Clock } from '../clock.ts';

/** REVOKES_MAX and REVOKE_EXPIRES of Celery. */
const MOST = 50_000;
const EXPIRES_MS = 10_800_000;

export class RevokedIds {
  readonly #clock: Clock;
  /** Id → when it was added (ms since the epoch); the oldest first. */
  readonly #ids = new Map<string, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#ids.size;
  }

  has(id: string): boolean {
    const addedAtMs = this.#ids.get(id);
    return addedAtMs !== undefined && addedAtMs + EXPIRES_MS > this.#clock.now();
  }

  add(ids: Iterable<string>): void {
    const nowMs = this.#clock.now();
    for (const id of ids) {
      this.#ids.delete(id);
      this.#ids.set(id, nowMs);
    }
    this.#purge(nowMs);
  }

  /** All, the oldest first, each with its age in seconds. */
  ages(): readonly (readonly [id: string, ageSeconds: number])[] {
    const nowMs = this.#clock.now();
    this.#purge(nowMs);
    return [...this.#ids].map(([id, addedAtMs]) => [id, (nowMs - addedAtMs) / 1000] as const);
  }

  #purge(nowMs: number): void {
    for (const [id, addedAtMs] of this.#ids) {
      if (this.#ids.size <= MOST && addedAtMs + EXPIRES_MS > nowMs) return;
      this.#ids.delete(id);
    }
  }
}
