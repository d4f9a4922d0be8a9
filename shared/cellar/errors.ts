/** The closed set of faults that the library names; callers act on the code, never on the text. */
export type ErrorCode =
  | 'bad-settings' // an option, flag or environment variable is not usable
  | 'bad-topology' // the declared exchanges, queues, bindings or schedules contradict themselves
  | 'bad-arguments' // arguments do not fit the task's contract
  | 'bad-message' // bytes that are not a task message
  | 'bad-value' // a value that JSON cannot carry without changing it
  | 'unknown-queue'
  | 'unknown-exchange'
  | 'unknown-task'
  | 'unroutable' // mandatory, and no queue matched
  | 'message-too-large'
  | 'not-supported' // the broker or store declares that it lacks this capability
  | 'declare-conflict' // something of that name exists with other properties
  | 'duplicate-handler'
  | 'discovery' // a worker folder does not fit the topology
  | 'timeout'
  | 'task-failed' // the awaited task ended in FAILURE
  | 'task-revoked' // the awaited task ended in REVOKED
  | 'closed' // the client or broker was closed
  | 'broker-unavailable'
  | 'store-unavailable';

/**
 * A fault with a code from {@link ErrorCode}.
 *
 * The message says what is wrong, the value got and what is allowed. `problems` holds every
 * fault found where several are reported at once (settings, topology, discovery).
 */
export class CellarError extends Error {
  readonly code: ErrorCode;
  readonly problems: readonly string[];

  constructor(code: ErrorCode, message: string, options: { cause?: unknown; problems?: readonly string[] } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'CellarError';
    this.code = code;
    this.problems = options.problems ?? [message];
  }
}

/** Makes one error of all problems found in one pass: the first line counts them, each has a line of its own. */
export function errorOfProblems(code: ErrorCode, subject: string, problems: readonly string[]): CellarError {
  const text =
    problems.length === 1
      ? `${subject}: ${problems[0]}`
      : `${subject}: ${problems.length} problems\n${problems.map((problem) => `  - ${problem}`).join('\n')}`;
  return new CellarError(code, text, { problems });
}
