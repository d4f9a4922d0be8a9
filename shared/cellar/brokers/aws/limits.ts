/** What AWS holds at most: apart from the code that uses it, because a function loads the figures and not all of that code. */

/** Most bytes of one SQS message, and of one batch (SQS quotas). */
export const SQS_MAX_BYTES = 1_048_576;
/** Most bytes of one SNS message, and of one batch (SNS PublishBatch). */
export const SNS_MAX_BYTES = 262_144;
/** Longest DelaySeconds of SQS. */
export const MAX_QUEUE_DELAY_SECONDS = 900;
/** EventBridge Scheduler names no horizon for a one-time schedule: ten years, as the embedded broker has it. */
export const MAX_DELAY_SECONDS = 10 * 366 * 86_400;
/** Most bytes of a schedule's input (EventBridge Scheduler, CreateSchedule). */
export const SCHEDULE_MAX_BYTES = 262_144;
