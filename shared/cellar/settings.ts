import { errorOfProblems } from './errors.ts';
import type { LogLevel } from './log.ts';
import { nearest } from './nearest.ts';
import * as values from './settings/value-reader.ts';

/** The settings of one program, read from its environment; frozen. Names in brackets follow Celery's. */
export interface Settings {
  /**
   * [BROKER_URL] `embedded:` (a file in the data folder) or `embedded:/path/to.db`; `memory:`;
   * `sqs://<region>/<account>/<prefix>`, for an emulator without a deployment with `?create=true`; `amqp:` or `amqps:`.
   * May hold a password. @default 'embedded:'
   */
  readonly brokerUrl: string;
  /** [RESULT_BACKEND] Where results are kept. May hold a password. @default the broker's own */
  readonly resultBackend: string | undefined;
  /** [DATA_DIR] Folder of the embedded broker's file. @default '.cellar' */
  readonly dataDir: string;
  /** [TASK_DEFAULT_QUEUE] Queue of tasks that name none. @default 'celery' */
  readonly taskDefaultQueue: string;
  /** [RESULT_EXPIRES] How long results are kept. @default 86400 */
  readonly resultExpiresSeconds: number;
  /** [WORKER_CONCURRENCY] How many tasks a worker runs at once. @default 8 */
  readonly workerConcurrency: number;
  /** [WORKER_PREFETCH_MULTIPLIER] How many messages a worker takes ahead for each task it can run. @default 4 */
  readonly workerPrefetchMultiplier: number;
  /**
   * [WORKER_POOL] Where `cellar worker` runs tasks: `async` in its event loop, `threads` or `processes` in as many
   * children as it has concurrency. @default 'async'
   */
  readonly workerPool: WorkerPool;
  /** [WORKER_MAX_TASKS_PER_CHILD] A thread or process of a pool is replaced after so many. @default never */
  readonly workerMaxTasksPerChild: number | undefined;
  /** [WORKER_MAX_MEMORY_PER_CHILD] One that has more than this after a task is replaced, in KiB. @default never */
  readonly workerMaxMemoryPerChildKib: number | undefined;
  /** [WORKER_SOFT_SHUTDOWN_TIMEOUT] How long what runs may still take when the worker stops cold. @default 0 */
  readonly workerSoftShutdownTimeoutSeconds: number;
  /** [TASK_TIME_LIMIT] When a task is settled as failed. @default none */
  readonly taskTimeLimitSeconds: number | undefined;
  /** [TASK_SOFT_TIME_LIMIT] When a task's signal fires; not more than the time limit. @default none */
  readonly taskSoftTimeLimitSeconds: number | undefined;
  /** [TASK_IGNORE_RESULT] Stores no results of tasks that do not ask for it. @default false */
  readonly taskIgnoreResult: boolean;
  /** [TASK_TRACK_STARTED] Stores STARTED when a task begins. @default false */
  readonly taskTrackStarted: boolean;
  /** [TASK_MAX_HOPS] How many tasks may send one another, chains and links included, before the next is refused. @default 1000 */
  readonly taskMaxHops: number;
  /** [TASK_SEND_SENT_EVENT] Tells monitors of each task that is sent (`task-sent`); RabbitMQ only. @default false */
  readonly taskSendSentEvent: boolean;
  /** [WORKER_SEND_TASK_EVENTS] Tells monitors of tasks from a worker's start on, not only when one asks. @default false */
  readonly workerSendTaskEvents: boolean;
  /** [DASHBOARD_PORT] Port of the dashboard; 0 = any that is free. @default 15672 */
  readonly dashboardPort: number;
  /** [TIMEZONE] IANA time zone of times that are shown. @default 'UTC' */
  readonly timeZone: string;
  /** [LOG_LEVEL] The least important lines that are written. @default 'info' */
  readonly logLevel: LogLevel;
  /** [DURABILITY] What stored messages outlive: the death of the process, or a power cut. @default 'process' */
  readonly durability: 'process' | 'power';
  /** [SHUTDOWN_TIMEOUT] How long a stop may wait for running tasks. @default 5 */
  readonly shutdownTimeoutSeconds: number;
  /** [ALLOW_AWS] Whether a program that is no Lambda function may call AWS itself. @default false */
  readonly allowAws: boolean;
  /**
   * [RABBITMQ_CONSUMER_TIMEOUT] How long RabbitMQ lets a worker hold a message (its `consumer_timeout`, of which AMQP says
   * nothing); tasks with a longer time limit are refused. @default 1800, as the server
   */
  readonly rabbitmqConsumerTimeoutSeconds: number;
  /** AWS_ENDPOINT_URL, as AWS's own SDKs read it: the URL of an emulator. @default AWS itself */
  readonly awsEndpointUrl: string | undefined;
  /** Variables of the namespace that are no settings and are not near one: perhaps set by mistake. */
  readonly warnings: readonly string[];
}

export const WORKER_POOLS = ['async', 'threads', 'processes'] as const;
export type WorkerPool = (typeof WORKER_POOLS)[number];
const LOG_LEVELS: readonly LogLevel[] = ['debug', 'info', 'warn', 'error'];
const BROKER_SCHEMES = ['embedded:', 'memory:', 'sqs:', 'amqp:', 'amqps:'];
const RESULT_SCHEMES = ['embedded:', 'memory:', 'dynamodb:', 'redis:', 'rediss:', 'rpc:'];
const MOST = Number.MAX_SAFE_INTEGER;

/** The environment's variables, such as `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** How `loadSettings` finds its variables. */
export interface LoadSettingsOptions {
  /** What the variables' names begin with, before a `_`. @default 'CELLAR' */
  readonly namespace?: string;
}

/**
 * Reads the settings from environment variables such as `CELLAR_BROKER_URL`; an empty variable counts as not set.
 *
 * @throws CellarError `bad-settings` with all faults: values not allowed, and names near that of a setting. No
 * message shows a user name or password.
 */
export function loadSettings(environment: Environment, { namespace = 'CELLAR' }: LoadSettingsOptions = {}): Settings {
  const { read, finish } = settingReader(environment, `${namespace}_`);
  const settings = {
    brokerUrl: read('BROKER_URL', values.url(BROKER_SCHEMES), 'embedded:'),
    resultBackend: read('RESULT_BACKEND', values.url(RESULT_SCHEMES), undefined),
    dataDir: read('DATA_DIR', values.path, '.cellar'),
    taskDefaultQueue: read('TASK_DEFAULT_QUEUE', values.queueName, 'celery'),
    resultExpiresSeconds: read('RESULT_EXPIRES', values.wholeNumber(1, MOST), 86_400),
    workerConcurrency: read('WORKER_CONCURRENCY', values.wholeNumber(1, 10_000), 8),
    workerPrefetchMultiplier: read('WORKER_PREFETCH_MULTIPLIER', values.wholeNumber(1, 10_000), 4),
    workerPool: read('WORKER_POOL', values.oneOf(WORKER_POOLS), 'async'),
    workerMaxTasksPerChild: read('WORKER_MAX_TASKS_PER_CHILD', values.wholeNumber(1, MOST), undefined),
    workerMaxMemoryPerChildKib: read('WORKER_MAX_MEMORY_PER_CHILD', values.wholeNumber(1, MOST), undefined),
    workerSoftShutdownTimeoutSeconds: read('WORKER_SOFT_SHUTDOWN_TIMEOUT', values.seconds('zero'), 0),
    taskTimeLimitSeconds: read('TASK_TIME_LIMIT', values.seconds('above zero'), undefined),
    taskSoftTimeLimitSeconds: read('TASK_SOFT_TIME_LIMIT', values.seconds('above zero'), undefined),
    taskIgnoreResult: read('TASK_IGNORE_RESULT', values.truth, false),
    taskTrackStarted: read('TASK_TRACK_STARTED', values.truth, false),
    taskMaxHops: read('TASK_MAX_HOPS', values.wholeNumber(1, MOST), 1000),
    taskSendSentEvent: read('TASK_SEND_SENT_EVENT', values.truth, false),
    workerSendTaskEvents: read('WORKER_SEND_TASK_EVENTS', values.truth, false),
    dashboardPort: read('DASHBOARD_PORT', values.wholeNumber(0, 65_535), 15_672),
    timeZone: read('TIMEZONE', values.timeZone, 'UTC'),
    logLevel: read('LOG_LEVEL', values.oneOf(LOG_LEVELS), 'info'),
    durability: read('DURABILITY', values.oneOf(['process', 'power']), 'process'),
    shutdownTimeoutSeconds: read('SHUTDOWN_TIMEOUT', values.seconds('zero'), 5),
    allowAws: read('ALLOW_AWS', values.truth, false),
    rabbitmqConsumerTimeoutSeconds: read('RABBITMQ_CONSUMER_TIMEOUT', values.wholeNumber(1, MOST), 1_800),
    awsEndpointUrl: environment['AWS_ENDPOINT_URL'] || undefined,
  } satisfies Omit<Settings, 'warnings'>;
  const warnings = finish(limitProblems(settings, `${namespace}_`));
  return Object.freeze({ ...settings, warnings: Object.freeze(warnings) });
}

type Limits = Pick<Settings, 'taskTimeLimitSeconds' | 'taskSoftTimeLimitSeconds'>;

function limitProblems(
  { taskTimeLimitSeconds: hard, taskSoftTimeLimitSeconds: soft }: Limits,
  prefix: string,
): string[] {
  if (hard === undefined || soft === undefined || soft <= hard) return [];
  return [`${prefix}TASK_SOFT_TIME_LIMIT is ${soft}, allowed: at most ${prefix}TASK_TIME_LIMIT, ${hard}`];
}

/** Reads one variable after the other and collects what is wrong; `finish` throws it, or answers the warnings. */
function settingReader(environment: Environment, prefix: string) {
  const names: string[] = [];
  const problems: string[] = [];
  const read = <Value, Default>(
    name: string,
    reader: values.ValueReader<Value>,
    byDefault: Default,
  ): Value | Default => {
    names.push(name);
    const text = environment[prefix + name];
    if (text === undefined || text === '') return byDefault;
    const value = reader.read(text);
    if (value !== undefined) return value;
    problems.push(`${prefix}${name} is ${reader.show?.(text) ?? `'${text}'`}, allowed: ${reader.allowed}`);
    return byDefault;
  };
  const finish = (further: readonly string[]): string[] => {
    const unknown = unknownVariables(environment, prefix, names);
    const all = [...problems, ...further, ...unknown.problems];
    if (all.length > 0) throw errorOfProblems('bad-settings', 'bad settings', all);
    return unknown.warnings;
  };
  return { read, finish };
}

function unknownVariables(environment: Environment, prefix: string, settings: readonly string[]) {
  const problems: string[] = [];
  const warnings: string[] = [];
  for (const variable of Object.keys(environment)) {
    const name = variable.slice(prefix.length);
    if (!variable.startsWith(prefix) || settings.includes(name)) continue;
    const near = nearest(name, settings);
    if (near === undefined) warnings.push(`${variable} is no setting and has no effect`);
    else problems.push(`unknown setting ${variable}, did you mean ${prefix}${near}`);
  }
  return { problems, warnings };
}
