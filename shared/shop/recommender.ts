/** Which wines are bought together (the recommender of Django by Example, with orders in place of Redis keys). */

/** How many suggestions a page shows. */
export const SUGGESTIONS_SHOWN = 4;

/** Every ordered pair of distinct wines of one order; each raises its score by 1. */
export function pairsOf(wineIds: readonly string[]): readonly (readonly [string, string])[] {
  const distinct = [...new Set(wineIds)];
  return distinct.flatMap((one) => distinct.filter((other) => other !== one).map((other) => [one, other] as const));
}

export interface PairScore {
  readonly wineId: string;
  readonly score: number;
}

/** The best suggestions for a set of wines: summed scores, without the wines themselves; equals in order of id. */
export function suggest(scores: readonly PairScore[], given: readonly string[], limit = SUGGESTIONS_SHOWN): string[] {
  const sums = new Map<string, number>();
  for (const { wineId, score } of scores) sums.set(wineId, (sums.get(wineId) ?? 0) + score);
  for (const wineId of given) sums.delete(wineId);
  return [...sums]
    .sort(([idA, a], [idB, b]) => b - a || (idA < idB ? -1 : 1))
    .slice(0, limit)
    .map(([wineId]) => wineId);
}
