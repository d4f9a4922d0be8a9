/** Near-miss hints for names that a person typed. */

/** Edit distance where a swap of neighbours is one edit (optimal string alignment), letters compared without case. */
function editDistance(left: string, right: string): number {
  let beforePrevious: number[] = [];
  let previous = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(
        (previous[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (previous[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped =
        row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      if (swapped) best = Math.min(best, (beforePrevious[column - 2] ?? 0) + 1);
      current.push(best);
    }
    beforePrevious = previous;
    previous = current;
  }
  return previous[right.length] ?? 0;
}

/** A long name may hold more slips than a short one, but never be another word: 1 to 3, and less than its length. */
function slipsAllowed(name: string): number {
  return Math.min(3, name.length - 1, Math.max(1, Math.floor((name.length + 2) / 4)));
}

/**
 * The candidate that `name` was probably meant to be, or `undefined` when none is near.
 *
 * Near is an edit distance (insert, delete, replace, swap of neighbours; letter case does not count) of at most
 * 1 to 3, by length. Of equally near candidates the first wins. `name` itself is never the answer.
 */
export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  let best: string | undefined;
  let bestDistance = slipsAllowed(name) + 1;
  for (const candidate of candidates) {
    if (candidate === name || Math.abs(candidate.length - name.length) >= bestDistance) continue;
    const distance = editDistance(name.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** `", did you mean 'mail'"`, or `''` when no candidate is near: to be appended to a problem. */
export function didYouMean(name: string, candidates: Iterable<string>): string {
  const candidate = nearest(name, candidates);
  return candidate === undefined ? '' : `, did you mean '${candidate}'`;
}

/** One problem for each key of `value` that is not allowed, with a hint where one is near. */
export function unknownKeyProblems(subject: string, value: object, allowed: readonly string[]): string[] {
  return Object.keys(value)
    .filter((key) => !allowed.includes(key))
    .map((key) => `${subject}: unknown key '${key}'${didYouMean(key, allowed)}, allowed: ${allowed.join(', ')}`);
}
