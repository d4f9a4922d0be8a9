/** What the benchmark of RabbitMQ measures, for Celery and for Cellar in the same way. */

/** The queue of the benchmark's tasks. */
export const QUEUE = 'bench';
/** Celery's queues are classic by default, Cellar's quorum. */
export type QueueKind = 'classic' | 'quorum';
/** The text argument that makes a message about as long as an order's. */
export const PAYLOAD = 'x'.repeat(100);

export interface Figures {
  /** Tasks a second that one program hands over: Celery's are not confirmed by the server unless asked for, Cellar's are. */
  readonly enqueued: number;
  /** Where the peer was asked to wait for the server's confirms (kombu's `confirm_publish`). */
  readonly enqueuedConfirmed?: number;
  /** The same, where many can be handed over in one call; Celery has no such call. */
  readonly enqueuedInBatches?: number;
  /** No-op tasks a second, from a full queue. */
  readonly processed: number;
  /** The same with each result stored in Redis. */
  readonly processedWithResults: number;
  /** From before the send to the first line of the task, one at a time, in ms. */
  readonly latency: { readonly p50Ms: number; readonly p99Ms: number };
  /** What the worker's processes take after the work, shared pages counted once, in MB. */
  readonly memoryMb: number;
}
