/** What AWS cannot hold of a planned worker: one sentence a fault. */
import { SQS_MAX_BYTES } from '../brokers/aws/limits.ts';
import { LONGEST_FUNCTION_NAME } from './function-names.ts';
import type { WorkerPlan, WorkerSettings } from './worker-plan.ts';

/** Lambda's longest call. */
export const LONGEST_TIMEOUT_SECONDS = 900;
/** The most messages that Lambda takes of a FIFO queue at once. */
export const LARGEST_BATCH = 10;
/** For starting and for settling. */
export const MARGIN_SECONDS = 5;

/** The time limit of a task. */
export interface TaskLimit {
  readonly task: string;
  readonly seconds: number;
}

/** What the rules compare a plan with. */
export interface WorkerNeeds {
  readonly longest: TaskLimit;
  /** By a whole batch. */
  readonly neededSeconds: number;
  readonly neededVisibilitySeconds: number;
  /** As the worker declares it, tasks side by side in one call. */
  readonly concurrency: number | undefined;
  readonly functionName: string;
}

type Rule = (plan: WorkerPlan, needs: WorkerNeeds) => readonly string[];

/** Everything that is wrong with the plan. */
export function workerProblems(plan: WorkerPlan, needs: WorkerNeeds): string[] {
  return RULES.flatMap((rule) => rule(plan, needs));
}

function limitProblems({ queue, timeoutSeconds, batchSize }: WorkerPlan, needs: WorkerNeeds): string[] {
  const { task, seconds } = needs.longest;
  if (seconds > LONGEST_TIMEOUT_SECONDS)
    return [`task ${task}: its time limit is ${seconds} s, allowed on Lambda: ${LONGEST_TIMEOUT_SECONDS} s`];
  if (seconds + MARGIN_SECONDS > timeoutSeconds) {
    return [
      `queue '${queue}': the timeout of its function, ${timeoutSeconds} s, cannot hold the time limit of ${task || 'a task'}, ${seconds} s, allowed: a limit of at most ${timeoutSeconds - MARGIN_SECONDS} s`,
    ];
  }
  if (needs.neededSeconds <= timeoutSeconds) return [];
  return [
    `queue '${queue}': the timeout of its function, ${timeoutSeconds} s, cannot hold a batch of ${batchSize} with a time limit of ${seconds} s each, allowed: at least ${needs.neededSeconds} s, or a batchSize of 1`,
  ];
}

function visibilityProblems(plan: WorkerPlan, { neededVisibilitySeconds: needed }: WorkerNeeds): string[] {
  const { queue, timeoutSeconds, visibilityTimeoutSeconds } = plan;
  if (visibilityTimeoutSeconds >= needed) return [];
  return [
    `queue '${queue}': its visibility timeout, ${visibilityTimeoutSeconds} s, cannot hold its function's timeout, ${timeoutSeconds} s, allowed: at least ${needed} s`,
  ];
}

const RANGES = [
  { name: 'timeoutSeconds', least: 1, most: LONGEST_TIMEOUT_SECONDS },
  { name: 'batchSize', least: 1, most: LARGEST_BATCH },
  { name: 'maxConcurrency', least: 2, most: 1_000 },
  { name: 'memorySize', least: 128, most: 10_240 },
] as const satisfies readonly { readonly name: keyof WorkerSettings; least: number; most: number }[];

function settingProblems({ queue, settings }: WorkerPlan): string[] {
  const problems = RANGES.flatMap(({ name, least, most }) => {
    const value = settings[name];
    if (value === undefined || (Number.isInteger(value) && value >= least && value <= most)) return [];
    // One at a time is what `strictOrder` is for; it is checked with it.
    if (name === 'maxConcurrency' && value === 1 && settings.strictOrder === true) return [];
    return [`queue '${queue}': ${name} is ${value}, allowed: a whole number from ${least} to ${most}`];
  });
  const { maxMessageBytes = SQS_MAX_BYTES } = settings;
  if (maxMessageBytes < SQS_MAX_BYTES) {
    problems.push(
      `queue '${queue}': bodies travel by the payloads bucket from ${SQS_MAX_BYTES} bytes on, over the queue's own maxMessageBytes of ${maxMessageBytes}, allowed: ${SQS_MAX_BYTES}`,
    );
  }
  return problems;
}

function orderProblems({ queue, settings }: WorkerPlan, { concurrency }: WorkerNeeds): string[] {
  if (settings.strictOrder !== true) return [];
  const over = [
    ...((settings.maxConcurrency ?? 1) > 1 ? [`maxConcurrency ${settings.maxConcurrency}`] : []),
    ...((concurrency ?? 1) > 1 ? [`its worker's concurrency ${concurrency}`] : []),
  ];
  return over.map((what) => `queue '${queue}': strictOrder and ${what} contradict each other, allowed: 1`);
}

function nameProblems({ queue }: WorkerPlan, { functionName }: WorkerNeeds): string[] {
  if (functionName.length <= LONGEST_FUNCTION_NAME && /^[A-Za-z0-9-_]+$/.test(functionName)) return [];
  return [
    `queue '${queue}': the name of its function, ${functionName}, has ${functionName.length} characters, allowed: ${LONGEST_FUNCTION_NAME} of A-Z a-z 0-9 - _ (Lambda)`,
  ];
}

const RULES: readonly Rule[] = [limitProblems, visibilityProblems, settingProblems, orderProblems, nameProblems];
