import type { WireSignature } from '../../message.ts';
import type { TaskContext } from '../../worker.ts';
import type { Execution } from '../execution.ts';

/** What a built-in task is called with, as it was sent. */
export interface Call {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
}

/** One run of a built-in task. */
export interface BuiltInRun {
  readonly execution: Execution;
  /** That of a handler: the worker's own merged with the task's. */
  readonly context: TaskContext;
  readonly call: Call;
  /** Puts a signature into the outbox, with these arguments in front of its own; answers its id. */
  send(signature: WireSignature, args?: readonly unknown[]): string;
}

export type BuiltIn = (run: BuiltInRun) => unknown;

/** The arguments by the names of these parameters, given by position or by name; those left out are `undefined`. */
export function named<Name extends string>(
  { args, kwargs }: Call,
  ...names: readonly Name[]
): Readonly<Record<Name, unknown>> {
  const entries = names.map((name, index) => [name, index < args.length ? args[index] : kwargs[name]] as const);
  return Object.fromEntries(entries) as Record<Name, unknown>;
}
