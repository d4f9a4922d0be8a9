/** One run of one delivery, as a value that passes through the worker's steps. */
import type { AttemptCounter, Backend, PayloadStore } from '../backend.ts';
import type { BrokerCapabilities, Delivery, OutgoingMessage } from '../broker.ts';
import type { ChordStore } from '../chord-store.ts';
import type { Runtime } from '../clock.ts';
import { derivedId } from '../ids.ts';
import type { Logger } from '../log.ts';
import { EXCHANGE_HEADER, generationOf, type TaskHeaders, type TaskMessage } from '../message.ts';
import type { ResultStore } from '../result-store.ts';
import type { Topology } from '../topology.ts';
import type { BoundHandler } from '../worker.ts';
import { lossesOf } from './losses.ts';
import type { TaskPool } from './pool.ts';
import type { TaskMonitor } from './task-monitor.ts';
import type { TimeLimits } from './time-limits.ts';

/** What a worker has for every run; made once when it starts. */
export interface WorkerEnvironment {
  readonly queue: string;
  /** By task name. */
  readonly handlers: ReadonlyMap<string, BoundHandler>;
  /** The context that the worker's folder built. */
  readonly context: object;
  readonly runtime: Runtime;
  readonly log: Logger;
  readonly results: ResultStore;
  /** Absent where chords cannot be counted. */
  readonly chords: ChordStore | undefined;
  /** Where its handlers run. */
  readonly pool: TaskPool;
  /** Who watches and steers this process; absent where nobody does. */
  readonly monitor?: TaskMonitor;
  /** Where bodies are that are too large to travel; absent where there are none. */
  readonly payloads: PayloadStore | undefined;
  /** Absent where the broker counts exactly. */
  readonly attempts: AttemptCounter | undefined;
  readonly needsRecheck: Backend['needsRecheck'];
  /** Of the broker: what it cannot carry is refused before a run is settled. */
  readonly capabilities: BrokerCapabilities;
  readonly topology: Topology;
  /** `cellar@host`, as Celery's node names. */
  readonly workerName: string;
  /** `gen<pid>@<host>`, the header `origin`. */
  readonly origin: string;
  readonly maxDeliveries: number;
  /** How many tasks may send one another before the next is refused. */
  readonly maxHops: number;
  /** Limits of tasks that have none of their own. */
  readonly defaultLimits: TimeLimits;
  readonly trackStarted: boolean;
  /** For tasks whose contract does not say. */
  readonly ignoreResult: boolean;
  /** The queue of a task that a foreign signature names without one. */
  readonly queueOf: (task: string) => string;
  /** Publishes at once; throws when a message is refused. */
  readonly publishNow: (messages: readonly OutgoingMessage[]) => Promise<void>;
  /** Aborts when the worker stops cold. */
  readonly stopSignal: AbortSignal;
}

/** A delivery that is started. */
export interface Start {
  readonly delivery: Delivery;
  /** How often this message was started without an outcome, this time included. */
  readonly starts: number;
}

export interface Execution extends Start {
  readonly message: TaskMessage;
  readonly id: string;
  readonly retries: number;
  readonly generation: number;
  readonly receivedAtMs: number;
  readonly environment: WorkerEnvironment;
  /** The handler of a task that every worker knows; absent where the task is one of the application's. */
  readonly builtIn?: BoundHandler;
}

/** The id a delivery runs under: a copy made by an exchange has one of its own, derived from the message's and the queue. */
export function taskIdOf(delivery: Delivery): string {
  const { correlationId, headers } = delivery.message;
  const id = typeof headers.id === 'string' && headers.id !== '' ? headers.id : correlationId;
  return headers[EXCHANGE_HEADER] === undefined ? id : derivedId(id, delivery.queue);
}

/** Opens a decoded delivery: from here on it has the id and the headers that it runs under. */
export function openExecution(
  { delivery, starts }: Start,
  message: TaskMessage,
  environment: WorkerEnvironment,
): Execution {
  const headers = ownHeaders(message.headers, delivery.queue);
  const attempt = { retries: headers.retries, generation: generationOf(headers) };
  return {
    delivery,
    message: headers === message.headers ? message : { ...message, headers },
    id: headers.id,
    ...attempt,
    starts: starts + lossesOf(headers, attempt),
    receivedAtMs: environment.runtime.clock.now(),
    environment,
  };
}

function ownHeaders(headers: TaskHeaders, queue: string): TaskHeaders {
  return headers[EXCHANGE_HEADER] === undefined
    ? headers
    : { ...headers, id: derivedId(headers.id, queue), [EXCHANGE_HEADER]: undefined };
}

/** The handler of a run, if this worker has one. */
export function handlerOf({ environment, message, builtIn }: Execution): BoundHandler | undefined {
  return environment.handlers.get(message.headers.task) ?? builtIn;
}

/** The message's limits before the contract's (or those that remote control set) before the worker's, each by itself. */
export function limitsOf(execution: Execution, handler: BoundHandler): TimeLimits {
  const [hard, soft] = execution.message.headers.timelimit;
  const { timeLimitSeconds, softTimeLimitSeconds } = handler.contract.options;
  const { defaultLimits, monitor } = execution.environment;
  const set = monitor?.limitsOf(handler.contract.name);
  return {
    hardSeconds: hard ?? (set === undefined ? timeLimitSeconds : set.hardSeconds) ?? defaultLimits.hardSeconds,
    softSeconds: soft ?? (set === undefined ? softTimeLimitSeconds : set.softSeconds) ?? defaultLimits.softSeconds,
  };
}

/** Whether this run stores nothing: the message's word counts, or else the contract's. Not for `once`: its result is its guard. */
export function ignoresResult(execution: Execution): boolean {
  const contract = handlerOf(execution)?.contract.options;
  if (contract?.once === true) return false;
  return execution.message.headers.ignore_result || (contract?.ignoreResult ?? execution.environment.ignoreResult);
}

/** Whether this is a run of a task marked `once` whose messages are not published together with its acknowledgement. */
export function savesOutbox(execution: Execution): boolean {
  const { transactional } = execution.environment.capabilities;
  return !transactional && handlerOf(execution)?.contract.options.once === true;
}

/** The hard limit of a delivery that is not decoded yet, by its headers and its handler; null = none. */
export function handlerLimitSeconds({ message }: Delivery, environment: WorkerEnvironment): number | null {
  const { timelimit, task } = message.headers;
  const hard: unknown = Array.isArray(timelimit) ? timelimit[0] : undefined;
  if (typeof hard === 'number') return hard;
  const handler = typeof task === 'string' ? environment.handlers.get(task) : undefined;
  return handler?.contract.options.timeLimitSeconds ?? environment.defaultLimits.hardSeconds;
}
