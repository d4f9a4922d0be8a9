/**
 * How often the thread or process that ran a message ended before the run did. Its worker lives on and acknowledges, so
 * that no broker counts it: the message comes again with the count in a header of its own.
 */
import type { TaskHeaders, TaskMessage } from '../message.ts';

/** [retries, generation, losses]: a retry or a redrive starts the count anew. */
const LOSSES_HEADER = 'x-cellar-losses';

interface Attempt {
  readonly retries: number;
  readonly generation: number;
}

export function lossesOf(headers: TaskHeaders, { retries, generation }: Attempt): number {
  const value = headers[LOSSES_HEADER];
  if (!Array.isArray(value) || value[0] !== retries || value[1] !== generation) return 0;
  return Number.isSafeInteger(value[2]) ? value[2] : 0;
}

/** The message with one loss more. */
export function withLoss(message: TaskMessage, { retries, generation }: Attempt): TaskMessage {
  const losses = lossesOf(message.headers, { retries, generation }) + 1;
  return { ...message, headers: { ...message.headers, [LOSSES_HEADER]: [retries, generation, losses] } };
}
