import { CellarError } from '../../../shared/cellar/errors.ts';

/** The error that `work` throws; fails the test when it throws none or another. */
export function caught(work: () => unknown): CellarError {
  try {
    work();
  } catch (error) {
    if (error instanceof CellarError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
}
