/** What is wrong with the options of one call: every fault at once, each with the value got and what is allowed. */
import { COMPRESSIONS } from './celery/compression.ts';
import type { SendOptions } from './signature.ts';

/** Latest and earliest time that a Date holds, in ms from the epoch (ECMAScript, "Time Values and Time Range"). */
const LONGEST_TIME_MS = 8.64e15;
const TASK_ID = /^[\w.:-]{1,128}$/;
/** Celery's own headers, which a caller may not overwrite. */
const RESERVED_HEADERS = new Set([
  'lang',
  'task',
  'id',
  'eta',
  'expires',
  'group',
  'group_index',
  'retries',
  'timelimit',
  'root_id',
  'parent_id',
  'ignore_result',
  'compression',
  'stamps',
  'stamped_headers',
]);

/** The problems of a call's options, in words. */
export function optionProblems(options: SendOptions, nowMs: number): readonly string[] {
  return [
    ...timeProblems(options, nowMs),
    ...limitProblems(options),
    ...nameProblems(options),
    ...headerProblems(options.headers ?? {}),
    ...stampProblems(options.stamps ?? {}),
  ];
}

function timeProblems({ countdown, eta, expires }: SendOptions, nowMs: number): string[] {
  const problems: string[] = [];
  if (countdown !== undefined && !(countdown >= 0 && isTime(nowMs + countdown * 1000)))
    problems.push(`countdown is ${countdown}, allowed: seconds from 0`);
  if (countdown !== undefined && eta !== undefined)
    problems.push('countdown and eta are both set, allowed: one of them');
  if (eta !== undefined && !isTime(eta.getTime())) problems.push('eta is an invalid date');
  if (typeof expires === 'number' && !isTime(nowMs + expires * 1000))
    problems.push(`expires is ${expires}, allowed: seconds or a date`);
  if (expires !== undefined && typeof expires !== 'number' && !isTime(expires.getTime()))
    problems.push('expires is an invalid date');
  return problems;
}

function isTime(ms: number): boolean {
  return Math.abs(ms) <= LONGEST_TIME_MS;
}

function limitProblems({ timeLimitSeconds: hard, softTimeLimitSeconds: soft }: SendOptions): string[] {
  const problems: string[] = [];
  if (hard !== undefined && !(hard > 0 && Number.isFinite(hard)))
    problems.push(`timeLimitSeconds is ${hard}, allowed: above 0`);
  if (soft !== undefined && !(soft > 0 && Number.isFinite(soft) && soft <= (hard ?? soft)))
    problems.push(`softTimeLimitSeconds is ${soft}, allowed: above 0 and at most timeLimitSeconds`);
  return problems;
}

function nameProblems(options: SendOptions): string[] {
  const { priority, taskId, compression } = options;
  const problems: string[] = [];
  if (compression !== undefined && !COMPRESSIONS.includes(compression))
    problems.push(`compression is ${JSON.stringify(compression)}, allowed: ${COMPRESSIONS.join(', ')}`);
  if (priority !== undefined && !(Number.isInteger(priority) && priority >= 0 && priority <= 9))
    problems.push(`priority is ${priority}, allowed: 0 to 9`);
  if (taskId !== undefined && !TASK_ID.test(taskId))
    problems.push(`taskId is ${JSON.stringify(taskId)}, allowed: 1 to 128 of A-Z a-z 0-9 _ . : -`);
  for (const name of ['messageGroup', 'deduplicationId'] as const) {
    const value = options[name];
    if (value !== undefined && !(value.length >= 1 && value.length <= 128))
      problems.push(`${name} has ${value.length} characters, allowed: 1 to 128`);
  }
  return problems;
}

function headerProblems(headers: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (RESERVED_HEADERS.has(name) || name.startsWith('x-cellar-')) return [`the header ${name} is reserved`];
    return isJson(value, 0) ? [] : [`the header ${name} is no JSON value`];
  });
}

/** Celery writes stamps among a signature's options: a stamp must not be taken for one. */
const NOT_STAMPS = new Set([
  ...['queue', 'task_id', 'reply_to', 'countdown', 'eta', 'expires', 'priority', 'ignore_result', 'time_limit'],
  ...['soft_time_limit', 'shadow', 'compression', 'headers', 'MessageGroupId', 'MessageDeduplicationId', 'link'],
  ...['link_error', 'chain', 'chord', 'group_id', 'group_index', 'root_id', 'parent_id', 'stamped_headers', 'exchange'],
  ...['routing_key', 'serializer', 'retries', 'replaced_task_nesting'],
]);

function stampProblems(stamps: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(stamps).flatMap(([name, value]) => {
    if (NOT_STAMPS.has(name)) return [`the stamp ${name} has the name of an option`];
    return isJson(value, 0) ? [] : [`the stamp ${name} is no JSON value`];
  });
}

/** Levels of a header's value; a value that contains itself has more. */
const MAX_DEPTH = 20;

/** Whether JSON carries the value as it is: headers have no tagged types. */
function isJson(value: unknown, depth: number): boolean {
  if (typeof value === 'number') return Number.isFinite(value);
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true;
  if (typeof value !== 'object' || depth > MAX_DEPTH) return false;
  const isPlain = Array.isArray(value) || [Object.prototype, null].includes(Object.getPrototypeOf(value));
  return isPlain && Object.values(value).every((item) => isJson(item, depth + 1));
}
