/** A task's contract: its name, parameters, result and rules, without its code; safe to import anywhere. */
import { CellarError, errorOfProblems } from './errors.ts';
import { type RateLimit, ratePerSecond } from './rate-limit.ts';
import type { PartialSignature, SendOptions, Signature } from './signature.ts';
import type { SchemaInput, SchemaOutput, StandardSchema } from './standard-schema.ts';

/** Parameters in the order in which they travel as Celery's `args`. */
export type Params = Readonly<Record<string, StandardSchema>>;

type Simplify<T> = { [K in keyof T]: T[K] };
type OptionalNames<P extends Params> = {
  [K in keyof P]: undefined extends SchemaInput<P[K]> ? K : never;
}[keyof P];

/** The named arguments of a call; parameters whose schema takes `undefined` may be left out. */
export type CallArguments<P extends Params> = Simplify<
  { readonly [K in Exclude<keyof P, OptionalNames<P>>]: SchemaInput<P[K]> } & {
    readonly [K in OptionalNames<P>]?: SchemaInput<P[K]>;
  }
>;

/** The named arguments as the handler gets them: validated, defaults filled in. */
export type HandlerArguments<P extends Params> = { readonly [K in keyof P]: SchemaOutput<P[K]> };

/** When and how often a failed task runs again (celery/app/autoretry.py). */
export interface RetryPolicy {
  /** Runs after the first; `null` = without end. @default 3 */
  readonly maxRetries?: number | null;
  /** `exponential`: factor × 2^retries seconds; `fixed`: `delaySeconds` each time. @default 'fixed' */
  readonly backoff?: 'exponential' | 'fixed';
  /** Seconds before each retry of a fixed backoff. @default 180 */
  readonly delaySeconds?: number;
  /** The first delay of an exponential backoff in whole seconds, at least 1. @default 1 */
  readonly factor?: number;
  /** Longest delay of an exponential backoff. @default 600 */
  readonly maxDelaySeconds?: number;
  /** A random whole number of seconds from 0 to the delay, as Celery's full jitter. @default true for exponential */
  readonly jitter?: boolean;
  /** Which thrown errors are retried. @default all */
  readonly when?: (error: unknown) => boolean;
}

export interface TaskOptions<P extends Params, Result> {
  /** One schema a parameter, in wire order; synchronous. */
  readonly params: P;
  /** Schema of the return value. @default not checked */
  readonly returns?: StandardSchema<unknown, Result>;
  /** Where `send()` puts it unless told otherwise. @default 'celery' */
  readonly queue?: string;
  /** Retries when the handler throws. @default none: the first throw is FAILURE */
  readonly retry?: RetryPolicy;
  /** The run is abandoned and FAILURE after this time. @default none */
  readonly timeLimitSeconds?: number;
  /** `signal` fires after this time. At most the hard limit. @default none */
  readonly softTimeLimitSeconds?: number;
  /**
   * How often it may start in one worker process, as `'10/m'`, `'100/s'`, `'2/h'`; a number counts seconds. Runs that must
   * wait are spaced evenly; other tasks pass them. Not in Lambda functions. @default as often as there are messages
   */
  readonly rateLimit?: RateLimit;
  /** Stores no state and no result. @default false */
  readonly ignoreResult?: boolean;
  /** Runs at most once per attempt, guarded by a claim in the result store. @default false */
  readonly once?: boolean;
  /**
   * As an error link it is sent as a task with the failed task's id (`task`), or called by the worker whose task failed, if
   * that has its handler, with three arguments: the failed request, the exception as Celery stores it, the traceback
   * (`inline`). Celery tells by the number of parameters; here it is said. @default 'task'
   */
  readonly errback?: 'task' | 'inline';
  /** Parameter names as the wire spells them, where that differs (`{ orderId: 'order_id' }`). */
  readonly wireName?: { readonly [K in keyof P]?: string };
}

/** The parameters of a call: the arguments may be left out where none is required. */
type Call<P extends Params> =
  object extends CallArguments<P>
    ? [args?: CallArguments<P>, options?: SendOptions]
    : [args: CallArguments<P>, options?: SendOptions];

/** A contract: call it to make a complete signature, `partial` for one whose first argument a parent's result fills. */
export interface Task<P extends Params, Result> {
  (...call: Call<P>): Signature<Result>;
  partial<Given extends Partial<CallArguments<P>>>(
    given: Given,
    options?: SendOptions,
  ): PartialSignature<Result, Omit<CallArguments<P>, keyof Given>>;
  readonly name: string;
  readonly queue: string;
  readonly params: P;
  readonly options: ContractOptions<Result>;
}

/** The rules of a contract beside its name, queue and parameters. */
export type ContractOptions<Result> = Omit<TaskOptions<Params, Result>, 'params' | 'queue'>;

/** Any contract, for code that keeps contracts without knowing their parameters. */
export interface AnyTask {
  readonly name: string;
  readonly queue: string;
  readonly params: Params;
  readonly options: ContractOptions<unknown>;
}

/** Celery's default queue (`task_default_queue`), used by a contract that names none. */
const DEFAULT_QUEUE = 'celery';

/**
 * Declares a task: `task('orders.tasks.order_created', { params: { orderId: z.int() }, queue: 'mail' })`.
 *
 * The name is the wire contract; Celery's form is `<module>.<function>`.
 * @throws CellarError `bad-arguments` when an option is not usable
 */
export function task<const P extends Params, Result = unknown>(
  name: string,
  declaration: TaskOptions<P, Result>,
): Task<P, Result> {
  const { params, queue = DEFAULT_QUEUE, ...options } = declaration;
  const problems = problemsOf(name, declaration);
  if (problems.length > 0) throw errorOfProblems('bad-arguments', `task ${JSON.stringify(name)}`, problems);
  const plan = planOf(name, params, declaration.wireName ?? {});

  const call = (...[given, sendOptions]: Call<P>): Signature<Result> => {
    const { args, kwargs, missing } = bindNames(plan, given ?? {});
    if (missing.length > 0) throw new CellarError('bad-arguments', `task ${name} is missing ${missing.join(', ')}`);
    return { task: name, args, kwargs, options: { queue, ...sendOptions }, immutable: false, complete: true };
  };
  const most = declaration.errback === 'inline' ? FAILURE_ARGUMENTS : 1;
  const partial = (given: Partial<CallArguments<P>>, sendOptions?: SendOptions) => {
    const free = freeParameters(plan, given, most);
    const rest = { task: name, parameters: plan.parameters.slice(free) };
    const { args, kwargs, missing } = bindNames(rest, given);
    if (missing.length > 0) {
      throw new CellarError(
        'bad-arguments',
        `task ${name}: a partial may leave only its first ${most === 1 ? 'parameter' : `${most} parameters`} free, got none for ${missing.join(', ')}`,
      );
    }
    return { task: name, args, kwargs, options: { queue, ...sendOptions }, immutable: false, complete: false as const };
  };
  return Object.defineProperty(Object.assign(call, { partial, queue, params, options }), 'name', { value: name });
}

/** What an error link gets that is called: the request, the exception, the traceback. */
const FAILURE_ARGUMENTS = 3;

/** How many parameters at the front are not given: what runs before it fills them, so that the others stay positional. */
function freeParameters({ parameters }: CallPlan, given: object, most: number): number {
  const first = parameters.findIndex(({ name }) => name in given);
  return Math.min(first === -1 ? parameters.length : first, most);
}

interface CallPlan {
  readonly task: string;
  readonly parameters: readonly { readonly name: string; readonly wireName: string; readonly schema: StandardSchema }[];
}

function planOf(task: string, params: Params, wireNames: Readonly<Record<string, string | undefined>>): CallPlan {
  const parameters = Object.entries(params).map(([name, schema]) => ({
    name,
    wireName: wireNames[name] ?? name,
    schema,
  }));
  return { task, parameters };
}

interface BoundCall {
  readonly args: readonly unknown[];
  readonly kwargs: Readonly<Record<string, unknown>>;
  /** Parameters that are neither given nor optional. */
  readonly missing: readonly string[];
}

/** Named arguments in wire form: positional as far as there is no hole, by wire name after one. */
function bindNames(plan: CallPlan, given: Readonly<Record<string, unknown>>): BoundCall {
  const args: unknown[] = [];
  const kwargs: Record<string, unknown> = {};
  const missing: string[] = [];
  let known = 0;
  let hole = false;
  for (const { name, wireName, schema } of plan.parameters) {
    if (Object.hasOwn(given, name)) known++;
    const value = given[name];
    if (value === undefined) {
      hole = true;
      if (!takesUndefined(schema)) missing.push(name);
    } else if (hole) {
      kwargs[wireName] = value;
    } else {
      args.push(value);
    }
  }
  if (known < Object.keys(given).length) throw unknownParameter(plan, given);
  return { args, kwargs, missing };
}

function unknownParameter({ task, parameters }: CallPlan, given: object): CellarError {
  const names = parameters.map(({ name }) => name);
  const extra = Object.keys(given).filter((name) => !names.includes(name));
  return new CellarError(
    'bad-arguments',
    `task ${task} has no parameter ${extra.join(', ')}, allowed: ${names.join(', ') || 'none'}`,
  );
}

/** Whether a parameter may be left out: its schema accepts `undefined`. */
export function takesUndefined(schema: StandardSchema): boolean {
  const outcome = schema['~standard'].validate(undefined);
  return !(outcome instanceof Promise) && outcome.issues === undefined;
}

/** Control characters and blanks, which no task name may hold. */
const NOT_IN_NAMES = /[\s\p{Cc}]/u;

function problemsOf<Result>(name: string, { params, ...options }: TaskOptions<Params, Result>): string[] {
  const problems: string[] = [];
  if (name === '' || name.length > 255 || NOT_IN_NAMES.test(name)) {
    problems.push(`name is ${JSON.stringify(name)}, allowed: 1 to 255 characters without blanks`);
  }
  for (const [parameter, schema] of Object.entries(params)) {
    if (typeof schema?.['~standard']?.validate !== 'function') {
      problems.push(`parameter ${parameter} is not a Standard Schema`);
    }
  }
  const hard = options.timeLimitSeconds ?? Number.POSITIVE_INFINITY;
  const soft = options.softTimeLimitSeconds;
  if (!(hard > 0)) problems.push(`timeLimitSeconds is ${hard}, allowed: above 0`);
  if (soft !== undefined && !(soft > 0)) problems.push(`softTimeLimitSeconds is ${soft}, allowed: above 0`);
  if (soft !== undefined && soft > hard) {
    problems.push(`softTimeLimitSeconds is ${soft}, allowed: at most timeLimitSeconds ${hard}`);
  }
  if (options.rateLimit !== undefined && ratePerSecond(options.rateLimit) === undefined) {
    problems.push(`rateLimit is ${JSON.stringify(options.rateLimit)}, allowed: as 10/m with s, m or h, or a number`);
  }
  const maxRetries = options.retry?.maxRetries;
  if (typeof maxRetries === 'number' && !(Number.isInteger(maxRetries) && maxRetries >= 0)) {
    problems.push(`retry.maxRetries is ${maxRetries}, allowed: a whole number from 0, or null`);
  }
  return problems;
}
