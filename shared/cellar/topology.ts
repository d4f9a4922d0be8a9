/**
 * The topology: exchanges, queues, bindings and schedules, declared once as data.
 * The same value drives brokers at run time and stacks at deploy time.
 */
import { declarationProblems } from '#declaration-problems';
import { errorOfProblems } from './errors.ts';
import type { Schedule } from './schedule.ts';
import type { Signature } from './signature.ts';

export type ExchangeType = 'direct' | 'fanout' | 'topic' | 'headers';

export interface ExchangeDeclaration {
  readonly type: ExchangeType;
  /** The exchange that gets what no binding of this one matches (RabbitMQ's alternate-exchange). @default none */
  readonly alternate?: string;
  /**
   * How copies reach queues on AWS: by SNS filter policies, or the publisher routes by itself and sends to the queues.
   * Other brokers do not look at it. @default 'sns'
   */
  readonly via?: 'sns' | 'publisher';
}

export interface QueueDeclaration {
  /** How long a delivery stays invisible before it comes again; workers prolong it. 1 to 43200. @default 30 */
  readonly visibilityTimeoutSeconds?: number;
  /** How often a message may be delivered without an outcome (its process died) before it is dead-lettered. 1 to 1000. @default 5 */
  readonly maxDeliveries?: number;
  /**
   * Keeps the order of message groups where only such queues do (RabbitMQ: a single active consumer, so that one process
   * works on it at a time); brokers that keep it in each queue do not look at it. @default false
   */
  readonly ordered?: boolean;
  /**
   * RabbitMQ's kind of queue: replicated and safe, or as Celery declares them by default. Other brokers do not look at it.
   * @default 'quorum', with `maxPriority` 'classic': quorum queues have no priorities
   */
  readonly type?: 'quorum' | 'classic';
  /** The highest priority that it tells apart, where only such queues have priorities (RabbitMQ). 0 to 9. @default 0, none */
  readonly maxPriority?: number;
  /** Another program works on it, such as a Celery worker: no worker of this application is looked for. @default false */
  readonly elsewhere?: boolean;
}

/** One binding: from an exchange to a queue, or to another exchange. */
export interface BindingDeclaration {
  readonly exchange: string;
  readonly queue?: string;
  /** Exchange-to-exchange: the target instead of a queue. */
  readonly toExchange?: string;
  /** Binding key: a word list with `*` and `#` for topic, the exact key for direct. @default '' */
  readonly key?: string;
  /** For a headers exchange: `x-match` (all, any, all-with-x, any-with-x) and the headers wanted; null = present with any value. */
  readonly arguments?: Readonly<Record<string, unknown>>;
}

/** A periodic task: sent by beat (EventBridge Scheduler on AWS) each time the schedule fires. */
export interface ScheduleDeclaration {
  readonly schedule: Schedule;
  readonly task: Signature<unknown>;
  /** @default the task's own queue */
  readonly queue?: string;
}

export interface TopologyDeclaration {
  readonly exchanges?: Readonly<Record<string, ExchangeDeclaration>>;
  readonly queues: Readonly<Record<string, QueueDeclaration>>;
  readonly bindings?: readonly BindingDeclaration[];
  readonly schedules?: Readonly<Record<string, ScheduleDeclaration>>;
}

/** A checked, deeply frozen topology with every default filled in. Made by `topology()`. */
export interface Topology {
  readonly exchanges: Readonly<Record<string, ExchangeDeclaration>>;
  readonly queues: Readonly<Record<string, Required<QueueDeclaration>>>;
  readonly bindings: readonly BindingDeclaration[];
  readonly schedules: Readonly<Record<string, ScheduleDeclaration>>;
}

/** What a queue has unless it says otherwise. */
export const QUEUE_DEFAULTS: Required<QueueDeclaration> = {
  visibilityTimeoutSeconds: 30,
  maxDeliveries: 5,
  ordered: false,
  type: 'quorum',
  maxPriority: 0,
  elsewhere: false,
};

function filledQueue(queue: QueueDeclaration): Required<QueueDeclaration> {
  const type = (queue.maxPriority ?? 0) > 0 ? 'classic' : QUEUE_DEFAULTS.type;
  return { ...QUEUE_DEFAULTS, type, ...withoutUndefined(queue) };
}

/**
 * Checks a declaration and fills in its defaults.
 *
 * Exchanges may be bound in a circle: as in AMQP a queue gets a message once. The result is deeply frozen and in
 * the order of the declaration, which stays untouched but for the signatures of schedules: they are frozen too.
 * Headers bindings get `x-match: 'all'` unless they name another; other bindings lose empty `arguments`.
 *
 * @throws CellarError `bad-topology` with all problems found
 */
export function topology(declaration: TopologyDeclaration): Topology {
  const problems = declarationProblems(declaration);
  if (problems.length > 0) throw errorOfProblems('bad-topology', 'bad topology', problems);
  const { exchanges = {}, queues, bindings = [], schedules = {} } = declaration;
  return deepFreeze({
    exchanges: mapRecord(exchanges, withoutUndefined),
    queues: mapRecord(queues, filledQueue),
    bindings: bindings.map((binding) => filledBinding(binding, exchanges[binding.exchange]?.type)),
    schedules: mapRecord(schedules, withoutUndefined),
  });
}

function filledBinding(binding: BindingDeclaration, type: ExchangeType | undefined): BindingDeclaration {
  const { arguments: wanted = {}, ...rest } = { key: '', ...withoutUndefined(binding) };
  return type === 'headers' ? { ...rest, arguments: mapJson({ 'x-match': 'all', ...wanted }) } : rest;
}

/** A copy of JSON values, so that freezing it does not reach into the caller's. */
function mapJson(record: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copyOf = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(copyOf);
    return typeof value === 'object' && value !== null ? mapJson({ ...value }) : value;
  };
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, copyOf(value)]));
}

/** No prototype, so that a look-up of a name such as `constructor` finds what was declared or nothing. */
function mapRecord<From, To>(record: Readonly<Record<string, From>>, map: (value: From) => To): Record<string, To> {
  const result: Record<string, To> = Object.create(null);
  for (const [name, value] of Object.entries(record)) result[name] = map(value);
  return result;
}

function withoutUndefined<Value extends object>(value: Value): Value {
  const copy = { ...value };
  for (const key in copy) if (copy[key] === undefined) delete copy[key];
  return copy;
}

/** Freezes arrays and plain objects; a Date or another object with a class stays as it is. */
function deepFreeze<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null || !isPlain(value)) return value;
  for (const entry of Object.values(value)) deepFreeze(entry);
  return Object.freeze(value);
}

function isPlain(value: object): boolean {
  if (Array.isArray(value)) return true;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
