/** What was thrown, as a value that crosses between threads and processes. */
import { encodeJson } from '../../celery/tagged-json.ts';
import { CellarError, type ErrorCode } from '../../errors.ts';
import { messageOf, NamedException, TaskException } from '../../exception.ts';

export interface CarriedError {
  /** Absent for something thrown that is no Error. */
  readonly name?: string;
  readonly message: string;
  readonly stack?: string;
  /** Of a {@link NamedException} or {@link TaskException}. */
  readonly arguments?: readonly unknown[];
  /** Of a {@link TaskException}. */
  readonly module?: string;
  /** Of a {@link CellarError}. */
  readonly code?: ErrorCode;
}

export function carryError(error: unknown): CarriedError {
  if (!(error instanceof Error)) return { message: messageOf(error) };
  return {
    name: String(error.name),
    message: messageOf(error),
    ...(error.stack === undefined ? undefined : { stack: String(error.stack) }),
    ...argumentsOf(error),
    ...(error instanceof CellarError ? { code: error.code } : undefined),
  };
}

function argumentsOf(error: Error): Pick<CarriedError, 'arguments' | 'module'> {
  if (error instanceof TaskException) return { arguments: error.arguments.map(carriable), module: error.module };
  return error instanceof NamedException ? { arguments: error.arguments.map(carriable) } : {};
}

/** What JSON cannot carry crosses as text, as it is stored. */
function carriable(value: unknown): unknown {
  try {
    encodeJson(value);
    return value;
  } catch {
    return messageOf(value);
  }
}

/** The same to every reader: name, message, stack, arguments and code; not its class, nor fields of its own. */
export function errorOfCarried(carried: CarriedError): unknown {
  const { name, message, stack } = carried;
  if (name === undefined) return message;
  const error = bareError({ ...carried, name });
  error.name = name;
  if (stack !== undefined) error.stack = stack;
  return error;
}

function bareError({ name, message, arguments: args, module, code }: CarriedError & { readonly name: string }): Error {
  if (code !== undefined) return new CellarError(code, message);
  if (args === undefined) return new Error(message);
  return module === undefined ? new NamedException(name, message, args) : new TaskException(name, args, module);
}
