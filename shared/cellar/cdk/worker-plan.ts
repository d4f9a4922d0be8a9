/** How each worker runs on Lambda: from the time limits of its tasks, before anything is made. */
import type { QueuePlan } from '../aws/plan.ts';
import { QUEUE_DEFAULTS } from '../topology.ts';
import type { QueueHandlers } from '../worker/registry.ts';
import { functionNames } from './function-names.ts';
import {
  LARGEST_BATCH,
  LONGEST_TIMEOUT_SECONDS,
  MARGIN_SECONDS,
  type TaskLimit,
  workerProblems,
} from './worker-problems.ts';

/** What may be said of one queue's worker; everything has a default. */
export interface WorkerSettings {
  /** Of one call, which gets a batch. 1 to 900. @default what the time limits of its tasks need */
  readonly timeoutSeconds?: number;
  /** Messages a call, 1 to 10. @default 10 where the timeout holds ten of its longest tasks, else 1 */
  readonly batchSize?: number;
  /** Calls side by side, 2 to 1000; each works on message groups of its own. @default 10 */
  readonly maxConcurrency?: number;
  /** MiB, 128 to 10240. @default 512 */
  readonly memorySize?: number;
  /** Largest message of the queue in bytes. @default 1 MiB, from which on bodies travel by the payloads bucket */
  readonly maxMessageBytes?: number;
  /** One call at a time and one task at a time in it: for a queue whose messages all have one message group. @default false */
  readonly strictOrder?: boolean;
}

export interface WorkerPlan {
  readonly queue: string;
  /** Paths of the modules that hold its handlers. */
  readonly files: readonly string[];
  readonly settings: WorkerSettings;
  readonly timeoutSeconds: number;
  readonly batchSize: number;
  readonly visibilityTimeoutSeconds: number;
}

/** What a task without a time limit counts as; it may run as long as its call. */
const UNLIMITED_TASK_SECONDS = 10;
/** Lambda's guide to SQS: a throttled batch is tried again and again, and must stay invisible meanwhile. */
const VISIBILITY_PER_TIMEOUT = 6;

export interface WorkerSubject {
  readonly prefix: string;
  readonly planned: QueuePlan;
  readonly handlers: QueueHandlers;
  readonly files: readonly string[];
  readonly settings: WorkerSettings;
}

/** Plans one worker; adds what AWS cannot hold to `problems`. */
export function planWorker(subject: WorkerSubject, problems: string[]): WorkerPlan {
  const { planned, files, settings } = subject;
  const longest = longestLimit(subject.handlers);
  const neededFor = (batch: number): number => Math.ceil(batch * longest.seconds) + MARGIN_SECONDS;
  const most = settings.timeoutSeconds ?? LONGEST_TIMEOUT_SECONDS;
  const batchSize = settings.batchSize ?? (neededFor(LARGEST_BATCH) <= most ? LARGEST_BATCH : 1);
  const timeoutSeconds = settings.timeoutSeconds ?? Math.min(LONGEST_TIMEOUT_SECONDS, neededFor(batchSize));
  const needed = VISIBILITY_PER_TIMEOUT * timeoutSeconds;
  const isDefault = planned.visibilityTimeoutSeconds === QUEUE_DEFAULTS.visibilityTimeoutSeconds;
  const visibilityTimeoutSeconds = isDefault ? needed : planned.visibilityTimeoutSeconds;
  const plan = { queue: planned.queue, files, settings, timeoutSeconds, batchSize, visibilityTimeoutSeconds };
  problems.push(
    ...workerProblems(plan, {
      longest,
      neededSeconds: neededFor(batchSize),
      neededVisibilitySeconds: needed,
      concurrency: subject.handlers.worker.concurrency,
      functionName: functionNames.worker(subject.prefix, planned.queue),
    }),
  );
  return plan;
}

function longestLimit({ handlers }: QueueHandlers): TaskLimit {
  const limits = [...handlers.values()].map(({ contract }) => ({
    task: contract.name,
    seconds: contract.options.timeLimitSeconds ?? UNLIMITED_TASK_SECONDS,
  }));
  return limits.reduce((longest, limit) => (limit.seconds > longest.seconds ? limit : longest), {
    task: '',
    seconds: UNLIMITED_TASK_SECONDS,
  });
}
