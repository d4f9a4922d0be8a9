/** Exceptions in Celery's JSON form, so that a Python client raises the class it knows. */
import { encodeJson } from './celery/tagged-json.ts';
import { CellarError } from './errors.ts';
import type { StoredException } from './result-store.ts';

/** The modules in which Python finds the exceptions that Celery itself stores. */
const MODULES: Readonly<Record<string, string>> = {
  TypeError: 'builtins',
  SyntaxError: 'builtins',
  NotRegistered: 'celery.exceptions',
  TaskRevokedError: 'celery.exceptions',
  MaxRetriesExceededError: 'celery.exceptions',
  Reject: 'celery.exceptions',
  TimeLimitExceeded: 'billiard.exceptions',
  SoftTimeLimitExceeded: 'billiard.exceptions',
  WorkerLostError: 'billiard.exceptions',
};

/** An error with the name of one of Celery's exceptions and its arguments. */
export class NamedException extends Error {
  readonly arguments: readonly unknown[];

  constructor(name: string, message: string, args: readonly unknown[] = [message]) {
    super(message);
    this.name = name;
    this.arguments = args;
  }
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The JSON of anything thrown. */
export function encodeException(error: unknown): string {
  const name = error instanceof Error ? String(error.name) : 'Error';
  const excType = IDENTIFIER.test(name) ? name : 'Error';
  const exception: StoredException = {
    exc_type: excType,
    exc_message: error instanceof NamedException ? error.arguments : [messageOf(error)],
    exc_module: MODULES[excType] ?? 'javascript',
  };
  return encodeJson(exception);
}

/** The text of anything thrown. */
export function messageOf(error: unknown): string {
  try {
    return String(error instanceof Error ? error.message : error);
  } catch {
    return 'a thrown value that has no text'; // an object without a prototype, or whose toString throws
  }
}

/** `Name: message`, for logs and reasons. */
export function describeError(error: unknown): string {
  return error instanceof Error ? `${String(error.name)}: ${messageOf(error)}` : messageOf(error);
}

/** The stack as a traceback text. */
export function tracebackOf(error: unknown): string {
  return error instanceof Error ? String(error.stack ?? describeError(error)) : messageOf(error);
}

/** The error that a waiting caller gets for a stored exception. */
export function errorOfStored(state: string, stored: unknown): CellarError {
  const { exc_type: type, exc_message: text } =
    typeof stored === 'object' && stored !== null ? (stored as Partial<StoredException>) : {};
  const message = `${type ?? state}: ${Array.isArray(text) ? text.join(', ') : (text ?? 'no message stored')}`;
  return new CellarError(state === 'REVOKED' ? 'task-revoked' : 'task-failed', message);
}
