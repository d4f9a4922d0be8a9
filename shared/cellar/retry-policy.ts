/** When a failed task runs again: Celery's rules (celery/app/autoretry.py, celery/utils/time.py). Pure. */
import type { RetryPolicy } from './task.ts';

/** `task_default_retry_delay`. */
const DEFAULT_DELAY_SECONDS = 180;
/** `max_retries`. */
const DEFAULT_MAX_RETRIES = 3;
/** `retry_backoff_max`. */
const DEFAULT_MAX_DELAY_SECONDS = 600;

export interface BackoffOptions {
  readonly factor: number;
  /** Retries so far: 0 before the first. */
  readonly retries: number;
  readonly maximum: number;
  /** Draws a whole number from 0 to the delay, both included, when given. */
  readonly random?: (() => number) | undefined;
}

/** `min(maximum, factor × 2^retries)` seconds, never negative; with `random`, a whole number between 0 and that. */
export function exponentialBackoff({ factor, retries, maximum, random }: BackoffOptions): number {
  const countdown = Math.min(maximum, factor * 2 ** retries);
  return Math.max(0, random === undefined ? countdown : Math.floor(random() * (countdown + 1)));
}

/** Seconds until the next run after `retries` retries so far. */
export function retryDelaySeconds(policy: RetryPolicy, retries: number, random: () => number): number {
  const exponential = policy.backoff === 'exponential';
  const jitter = policy.jitter ?? exponential;
  return exponentialBackoff({
    factor: exponential ? Math.trunc(Math.max(1, policy.factor ?? 1)) : (policy.delaySeconds ?? DEFAULT_DELAY_SECONDS),
    retries: exponential ? retries : 0,
    maximum: exponential ? (policy.maxDelaySeconds ?? DEFAULT_MAX_DELAY_SECONDS) : Number.POSITIVE_INFINITY,
    random: jitter ? random : undefined,
  });
}

/** Whether one more retry is allowed after `retries` so far; `maxRetries` null = always. */
export function mayRetry(maxRetries: number | null | undefined, retries: number): boolean {
  const allowed = maxRetries === undefined ? DEFAULT_MAX_RETRIES : maxRetries;
  return allowed === null || retries < allowed;
}
