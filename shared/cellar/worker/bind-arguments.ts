/** Binds a message's args and kwargs to a contract's parameters as Python binds a call, and validates each value. */
import { messageOf } from '../exception.ts';
import type { SchemaIssue, StandardSchema } from '../standard-schema.ts';
import { type AnyTask, type Params, takesUndefined } from '../task.ts';

export type Bound = { readonly ok: true; readonly args: object } | { readonly ok: false; readonly problem: string };

interface Parameter {
  readonly name: string;
  readonly wireName: string;
  readonly optional: boolean;
  readonly validate: StandardSchema['~standard']['validate'];
}

/** The parameters of a task that binds its call by itself: it gets `{ args, kwargs }` as they were sent. */
export const ANY_ARGUMENTS: Params = Object.freeze({});

const plans = new WeakMap<object, readonly Parameter[]>();

function planOf(contract: AnyTask): readonly Parameter[] {
  let plan = plans.get(contract);
  if (plan === undefined) {
    plan = Object.entries(contract.params).map(([name, schema]) => ({
      name,
      wireName: contract.options.wireName?.[name] ?? name,
      optional: takesUndefined(schema),
      validate: (value) => schema['~standard'].validate(value),
    }));
    plans.set(contract, plan);
  }
  return plan;
}

/** The named arguments for the handler, or what is wrong with the call; all problems in one sentence. */
export function bindArguments(
  contract: AnyTask,
  args: readonly unknown[],
  kwargs: Readonly<Record<string, unknown>>,
): Bound {
  if (contract.params === ANY_ARGUMENTS) return { ok: true, args: { args, kwargs } };
  const plan = planOf(contract);
  const problems: string[] = [];
  if (args.length > plan.length)
    problems.push(`takes ${plan.length} positional arguments but ${args.length} were given`);
  const bound: Record<string, unknown> = {};
  let named = 0;
  for (const [position, parameter] of plan.entries()) {
    const byName = Object.hasOwn(kwargs, parameter.wireName);
    if (byName) named++;
    if (byName && position < args.length) problems.push(`got multiple values for argument '${parameter.wireName}'`);
    const value = byName ? kwargs[parameter.wireName] : args[position];
    if (!byName && position >= args.length && !parameter.optional) {
      problems.push(`missing a required argument: '${parameter.wireName}'`);
    } else {
      const problem = validateInto(bound, parameter, value);
      if (problem !== undefined) problems.push(problem);
    }
  }
  if (named < Object.keys(kwargs).length) problems.push(...unexpected(plan, kwargs));
  return problems.length === 0
    ? { ok: true, args: bound }
    : { ok: false, problem: `${contract.name}() ${problems.join('; ')}` };
}

function validateInto(bound: Record<string, unknown>, parameter: Parameter, value: unknown): string | undefined {
  const outcome = validated(parameter, value);
  if (typeof outcome === 'string') return outcome;
  if (outcome instanceof Promise)
    return `argument '${parameter.wireName}' has an asynchronous schema, allowed: synchronous ones`;
  if (outcome.issues !== undefined) return `argument '${parameter.wireName}' ${describeIssues(outcome.issues)}`;
  if (outcome.value !== undefined) bound[parameter.name] = outcome.value;
  return undefined;
}

/** A schema that throws says that the value is not valid, as one that answers with issues. */
function validated({ wireName, validate }: Parameter, value: unknown): ReturnType<Parameter['validate']> | string {
  try {
    return validate(value);
  } catch (error) {
    return `argument '${wireName}' is not valid: ${messageOf(error)}`;
  }
}

function unexpected(plan: readonly Parameter[], kwargs: Readonly<Record<string, unknown>>): string[] {
  const known = new Set(plan.map(({ wireName }) => wireName));
  return Object.keys(kwargs)
    .filter((name) => !known.has(name))
    .map((name) => `got an unexpected keyword argument '${name}'`);
}

/** A schema's complaints in one phrase. */
export function describeIssues(issues: readonly SchemaIssue[]): string {
  return `is not valid: ${issues.map((issue) => issue.message).join(', ')}`;
}
