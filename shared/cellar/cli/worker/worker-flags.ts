/** The switches of `cellar worker`: Celery's, by Celery's names. */

import { CellarError } from '../../errors.ts';
import type { LogLevel } from '../../log.ts';
import { oneOf, path, seconds, type ValueReader, wholeNumber } from '../../settings/value-reader.ts';
import { type Settings, WORKER_POOLS } from '../../settings.ts';
import { anyText, type Flags, type FlagValues, nameList, option, toggle } from '../flag.ts';

const MOST = Number.MAX_SAFE_INTEGER;

/** `10,3`: most and least. */
const range: ValueReader<{ readonly max: number; readonly min: number }> = {
  allowed: 'MAX,MIN: two whole numbers from 1 to 10000, the larger first',
  read(text) {
    const [max = 0, min = 0, ...rest] = /^\d+,\d+$/.test(text) ? text.split(',').map(Number) : [];
    return rest.length === 0 && min >= 1 && max >= min && max <= 10_000 ? { max, min } : undefined;
  },
};

const LOG_LEVELS: Readonly<Record<string, LogLevel>> = {
  debug: 'debug',
  info: 'info',
  warn: 'warn',
  warning: 'warn',
  error: 'error',
  critical: 'error',
  fatal: 'error',
};

/** Its mailbox is a queue of that name with a suffix, and AMQP's names have 255 bytes. */
const nodeName: ValueReader<string> = {
  allowed: '1 to 200 bytes without control characters',
  read: (text) => (text === '' || Buffer.byteLength(text) > 200 || /\p{Cc}/u.test(text) ? undefined : text),
};

/** Celery's names too, of any case. */
const logLevel: ValueReader<LogLevel> = {
  allowed: Object.keys(LOG_LEVELS).join(', '),
  read: (text) => (Object.hasOwn(LOG_LEVELS, text.toLowerCase()) ? LOG_LEVELS[text.toLowerCase()] : undefined),
};

const file = { ...path, allowed: 'the path of a file' };

export const workerFlags = {
  queues: option('NAMES', 'queues to take from, divided by commas (default: all)', { ...nameList, short: 'Q' }),
  excludeQueues: option('NAMES', 'queues not to take from', { ...nameList, short: 'X' }),
  concurrency: option('N', 'tasks side by side in each queue; a pool of threads or processes has one child for each', {
    ...wholeNumber(1, 10_000),
    short: 'c',
  }),
  pool: option('POOL', 'where tasks run: async (in this process), threads or processes', {
    ...oneOf(WORKER_POOLS),
    short: 'P',
  }),
  autoscale: option('MAX,MIN', 'as many tasks side by side as there is work for', range),
  prefetchMultiplier: option('N', 'messages held for each task that may run', wholeNumber(1, 10_000)),
  maxTasksPerChild: option('N', 'a thread or process is replaced after so many tasks', wholeNumber(1, MOST)),
  maxMemoryPerChild: option('KIB', 'or when it has more memory than this after a task', wholeNumber(1, MOST)),
  timeLimit: option('SECONDS', 'hard limit of tasks without one of their own', seconds('above zero')),
  softTimeLimit: option('SECONDS', 'soft limit of tasks without one of their own', seconds('above zero')),
  hostname: option('NAME', 'name of this node, such as mail@%h (%h host, %n its first word, %d its domain)', {
    ...nodeName,
    short: 'n',
  }),
  loglevel: option('LEVEL', 'least important lines that are logged, instead of CELLAR_LOG_LEVEL', {
    ...logLevel,
    short: 'l',
  }),
  taskEvents: toggle('send events of tasks from the start', 'E'),
  withoutHeartbeat: toggle('send no heartbeat events'),
  withoutMingle: toggle('do not ask other workers for revoked tasks at the start'),
  withoutGossip: toggle('as in Celery; this worker never gossips'),
  readyFile: option('PATH', 'a file that is there while this worker takes messages', file),
  pidfile: option('PATH', 'a file with the process id; a second worker with it does not start', file),
  healthPort: option(
    'PORT',
    'answer GET /health/live and /health/ready there; 0 = any free one',
    wholeNumber(0, 65_535),
  ),
  healthHost: option('HOST', 'where to listen (default: 127.0.0.1)', anyText),
} satisfies Flags;

export type WorkerFlags = FlagValues<typeof workerFlags>;

/**
 * What the switches say instead of the environment.
 * @throws CellarError `bad-arguments` when they contradict each other
 */
export function settingsOfFlags(flags: WorkerFlags): Partial<Settings> {
  const { timeLimit: hard, softTimeLimit: soft } = flags;
  if (hard !== undefined && soft !== undefined && soft > hard) {
    throw new CellarError(
      'bad-arguments',
      `the soft time limit is ${soft} s, allowed: at most the time limit, ${hard} s`,
    );
  }
  const given = {
    logLevel: flags.loglevel,
    workerConcurrency: flags.concurrency,
    workerPool: flags.pool,
    workerPrefetchMultiplier: flags.prefetchMultiplier,
    workerMaxTasksPerChild: flags.maxTasksPerChild,
    workerMaxMemoryPerChildKib: flags.maxMemoryPerChild,
    taskTimeLimitSeconds: hard,
    taskSoftTimeLimitSeconds: soft,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}
