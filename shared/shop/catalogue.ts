/** The catalogue: every wine on sale, read from the store and kept for a minute, so that a page view reads nothing. */
import type { ProductStore } from './product-store.ts';
import type { Wine } from './wine.ts';

export interface Catalogue {
  /** All wines, in the order in which the shop shows them. */
  readonly wines: readonly Wine[];
  wine(id: string): Wine | undefined;
}

/** Pages show a change so late; an order has the prices of its moment all the same. */
const KEPT_MS = 60_000;

/**
 * Makes what answers the catalogue, at most a minute old. Callers that come while it is read wait for the same read;
 * one that fails is not kept.
 */
export function keptCatalogue(store: Pick<ProductStore, 'wines'>, now: () => Date): () => Promise<Catalogue> {
  let kept: { readonly until: number; readonly catalogue: Promise<Catalogue> } | undefined;
  return async () => {
    const nowMs = now().getTime();
    if (kept !== undefined && nowMs < kept.until) return kept.catalogue;
    const reading = { until: nowMs + KEPT_MS, catalogue: readCatalogue(store) };
    kept = reading;
    try {
      return await reading.catalogue;
    } catch (error) {
      if (kept === reading) kept = undefined;
      throw error;
    }
  };
}

async function readCatalogue(store: Pick<ProductStore, 'wines'>): Promise<Catalogue> {
  const wines = await store.wines();
  const byId = new Map(wines.map((wine) => [wine.id, wine]));
  return { wines, wine: (id) => byId.get(id) };
}
