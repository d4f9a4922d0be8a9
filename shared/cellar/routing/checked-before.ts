/**
 * Stands for `declaration-problems.ts` in what a Lambda function bundles (package condition `lambda`): its topology was
 * checked when it was deployed, and a cold start need not load the checks.
 */
export function declarationProblems(): readonly string[] {
  return [];
}
