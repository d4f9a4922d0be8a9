import { CellarError, type ErrorCode } from '../errors.ts';
import { describeError } from '../exception.ts';

/** 0 fine; 1 the task, the broker or the store failed; 2 wrong usage, an unknown name, unusable values, a closed pipe. */
export type ExitCode = 0 | 1 | 2;

/** Faults of the world, not of the command: all others are the caller's to mend. */
const FAILURES: ReadonlySet<ErrorCode> = new Set([
  'bad-message',
  'timeout',
  'task-failed',
  'task-revoked',
  'closed',
  'declare-conflict',
  'broker-unavailable',
  'store-unavailable',
] satisfies ErrorCode[]);

/** How the program ends after this error. */
export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof CellarError && !FAILURES.has(error.code) ? 2 : 1;
}

/** An error in one line: several problems are joined, without stack. */
export function errorLine(error: unknown): string {
  if (!(error instanceof CellarError)) return describeError(error);
  const [first = '', ...rest] = error.message.split('\n  - ');
  return rest.length === 0 ? first : `${first}: ${rest.join('; ')}`;
}
