/** Makes a signature of what was typed: a task's name and JSON. */
import { decodeJson } from '../celery/tagged-json.ts';
import { CellarError } from '../errors.ts';
import type { Signature } from '../signature.ts';
import type { AnyTask } from '../task.ts';
import { bindArguments } from '../worker/bind-arguments.ts';

interface Given {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/**
 * The arguments that JSON text stands for: an array in order, an object by name.
 * @throws CellarError `bad-arguments`
 */
export function argumentsOf(text: string): Given {
  let value: unknown;
  try {
    value = decodeJson(text);
  } catch (error) {
    if (!(error instanceof CellarError)) throw error;
    throw new CellarError('bad-arguments', `the arguments ${shortened(text)} are ${error.message}`, { cause: error });
  }
  if (Array.isArray(value)) return { args: value, kwargs: {} };
  if (isRecord(value)) return { args: [], kwargs: value };
  throw new CellarError(
    'bad-arguments',
    `the arguments are ${shortened(text)}, allowed: a JSON array in order, or an object by name`,
  );
}

/**
 * A call of a contract, checked against its parameters before anything is sent.
 * @throws CellarError `bad-arguments` with all faults
 */
export function callOf(contract: AnyTask, given: Given): Signature<unknown> {
  const kwargs = wireNamed(contract, given.kwargs);
  const bound = bindArguments(contract, given.args, kwargs);
  if (!bound.ok) throw new CellarError('bad-arguments', bound.problem);
  return signatureOf(contract.name, { ...inOrder(contract, { args: given.args, kwargs }) }, contract.queue);
}

/** A signature of a task that this application does not know. */
export function signatureOf(task: string, { args, kwargs }: Given, queue: string): Signature<unknown> {
  return { task, args, kwargs, options: { queue }, immutable: false, complete: true };
}

/** Named arguments by their names on the wire; a person may type either. */
function wireNamed({ options }: AnyTask, kwargs: Given['kwargs']): Given['kwargs'] {
  return Object.fromEntries(Object.entries(kwargs).map(([name, value]) => [options.wireName?.[name] ?? name, value]));
}

/** Named arguments moved to their places as far as there is no hole: the form that every client sends. */
function inOrder({ params, options }: AnyTask, given: Given): Given {
  const args = [...given.args];
  const kwargs = new Map(Object.entries(given.kwargs));
  for (const name of Object.keys(params).slice(args.length)) {
    const wireName = options.wireName?.[name] ?? name;
    if (!kwargs.has(wireName)) break;
    args.push(kwargs.get(wireName));
    kwargs.delete(wireName);
  }
  return { args, kwargs: Object.fromEntries(kwargs) };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text || "''";
}
