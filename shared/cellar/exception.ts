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
  ChordError: 'celery.exceptions',
  Retry: 'celery.exceptions',
  DecodeError: 'kombu.exceptions',
  MaxRetriesExceededError: 'celery.exceptions',
  Reject: 'celery.exceptions',
  TimeLimitExceeded: 'billiard.exceptions',
  SoftTimeLimitExceeded: 'billiard.exceptions',
  WorkerLostError: 'billiard.exceptions',
};

/** Where classes stand that Python does not know; it makes one of that name. */
const JAVASCRIPT = 'javascript';

/** An error with the name of one of Celery's exceptions and its arguments. */
export class NamedException extends Error {
  readonly arguments: readonly unknown[];

  constructor(name: string, message: string, args: readonly unknown[] = [message]) {
    super(message);
    this.name = name;
    this.arguments = args;
  }
}

/**
 * The exception that a task ended with, of whatever language: the `cause` of a `task-failed`. Thrown by a handler it is
 * stored as it is, so that a Python caller raises that class: `new TaskException('ValueError', ['boom', 42], 'builtins')`.
 */
export class TaskException extends Error {
  /** The module of the class; one of Python's, or `javascript`. */
  readonly module: string;
  readonly arguments: readonly unknown[];

  /** `type` is the name of the class; as in Python with those of the classes around it, `Outer.Inner`. */
  constructor(type: string, args: readonly unknown[], module: string = JAVASCRIPT) {
    super(args.map(shownArgument).join(', '));
    this.name = type;
    this.module = module;
    this.arguments = args;
  }
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** The JSON of anything thrown. */
export function encodeException(error: unknown): string {
  return encodeJson(error instanceof TaskException ? storedOf(error) : storedOfOther(error));
}

function storedOf({ name, module, arguments: args }: TaskException): StoredException {
  return { exc_type: name, exc_message: args.map(encodable), exc_module: module };
}

function storedOfOther(error: unknown): StoredException {
  const name = error instanceof Error ? String(error.name) : 'Error';
  const excType = IDENTIFIER.test(name) ? name : 'Error';
  return {
    exc_type: excType,
    exc_message: error instanceof NamedException ? error.arguments : [messageOf(error)],
    exc_module: MODULES[excType] ?? JAVASCRIPT,
  };
}

/** As Celery's `ensure_serializable`: an argument that JSON cannot carry is stored as text. */
function encodable(value: unknown): unknown {
  try {
    encodeJson(value);
    return value;
  } catch {
    return messageOf(value); // what is thrown must be stored, whatever it carries
  }
}

function shownArgument(value: unknown): string {
  const shown = encodable(value);
  return typeof shown === 'string' ? shown : encodeJson(shown);
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

/** The error that a waiting caller gets for a stored exception, which is its `cause`. */
export function errorOfStored(state: string, stored: unknown): CellarError {
  const code = state === 'REVOKED' ? 'task-revoked' : 'task-failed';
  const { exc_type: type, exc_message: args, exc_module: module } = isRecord(stored) ? stored : {};
  if (typeof type !== 'string') return new CellarError(code, `${state}: no message stored`);
  const list = Array.isArray(args) ? args : [args ?? 'no message stored'];
  const cause = new TaskException(type, list, typeof module === 'string' ? module : undefined);
  return new CellarError(code, `${type}: ${cause.message}`, { cause });
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
