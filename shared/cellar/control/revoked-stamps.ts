/** Stamps whose tasks were revoked by remote control (Celery's `revoke_by_stamped_headers`). */
import type { Headers } from '../broker.ts';

export class RevokedStamps {
  /** Name → values. */
  readonly #stamps = new Map<string, Set<string>>();

  add(name: string, values: readonly string[]): void {
    this.#stamps.set(name, new Set([...(this.#stamps.get(name) ?? []), ...values]));
  }

  /** Whether the message has one of them. */
  has({ stamped_headers: names, stamps }: Headers): boolean {
    if (this.#stamps.size === 0 || !Array.isArray(names) || typeof stamps !== 'object' || stamps === null) return false;
    return names.some((name: unknown) => {
      const revoked = this.#stamps.get(String(name));
      const found: unknown = Object.entries(stamps).find(([key]) => key === name)?.[1];
      return revoked !== undefined && [found].flat().some((value) => revoked.has(String(value)));
    });
  }
}
