/** One task over many items (celery/canvas.py, `xmap`, `xstarmap`, `chunks`): one message for many calls. */
import { type Group, group } from './canvas.ts';
import { CellarError } from './errors.ts';
import type { SendOptions, Signature } from './signature.ts';
import type { AnyTask, CallArguments, Params, Task } from './task.ts';

/**
 * Calls a task of one parameter with each item, one after the other in one run, and comes to the list of results:
 * `map(price, [{ sku: 'a' }, { sku: 'b' }])`. The run needs the task's handler where it runs.
 * @throws CellarError `bad-arguments` for a call that is not of one argument
 */
export function map<P extends Params, Result>(
  contract: Task<P, Result>,
  calls: readonly CallArguments<P>[],
  options?: SendOptions,
): Signature<Result[]> {
  const it = argumentsOf(contract, calls).map((args) => {
    if (args.length === 1) return args[0];
    throw new CellarError('bad-arguments', `map calls ${contract.name} with ${args.length} arguments, allowed: 1`);
  });
  return overItems('celery.map', contract, { it, options });
}

/** As `map`, of any number of parameters: `starmap(add, [{ x: 1, y: 2 }, { x: 3, y: 4 }])`. */
export function starmap<P extends Params, Result>(
  contract: Task<P, Result>,
  calls: readonly CallArguments<P>[],
  options?: SendOptions,
): Signature<Result[]> {
  return overItems('celery.starmap', contract, { it: argumentsOf(contract, calls), options });
}

/** A group of starmaps, each of `size` calls: `chunks(add, calls, 100)`. */
export function chunks<P extends Params, Result>(
  contract: Task<P, Result>,
  calls: readonly CallArguments<P>[],
  size: number,
): Group<Result[]> {
  if (!(Number.isInteger(size) && size >= 1))
    throw new CellarError('bad-arguments', `chunks have the size ${size}, allowed: a whole number from 1`);
  const starts = Array.from({ length: Math.ceil(calls.length / size) }, (_, index) => index * size);
  return group(starts.map((from) => starmap(contract, calls.slice(from, from + size))));
}

function argumentsOf<P extends Params>(
  contract: Task<P, unknown>,
  calls: readonly CallArguments<P>[],
): readonly (readonly unknown[])[] {
  return calls.map((call) => {
    const { args, kwargs } = contract(call);
    if (Object.keys(kwargs).length === 0) return args;
    const names = Object.keys(kwargs).join(', ');
    throw new CellarError('bad-arguments', `a call of ${contract.name} leaves a hole before ${names}, allowed: none`);
  });
}

function overItems<Result>(
  name: string,
  { name: task, queue }: Pick<AnyTask, 'name' | 'queue'>,
  { it, options }: { readonly it: readonly unknown[]; readonly options: SendOptions | undefined },
): Signature<Result[]> {
  const called = { task, args: [], kwargs: {}, options: {}, subtask_type: null, immutable: false };
  const kwargs = { task: called, it };
  return { task: name, args: [], kwargs, options: { queue, ...options }, immutable: true, complete: true };
}
