/** The Lambda entry of a worker: SQS event in, `batchItemFailures` out. State is built once per cold start. */
import type { Client } from '../client.ts';
import type { Clock } from '../clock.ts';
import { openEnvironment } from '../worker/open-environment.ts';
import { processBatch } from '../worker/process-batch.ts';
import type { QueueHandlers } from '../worker/registry.ts';
import { openOnce } from './open-once.ts';
import { fromSqsRecord, type SqsBatchResponse, type SqsEvent } from './sqs-event.ts';

/** The part of Lambda's context that a worker reads. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

export type SqsHandler = (event: SqsEvent, context: LambdaContext) => Promise<SqsBatchResponse>;

/**
 * Makes the handler of one queue's function.
 *
 * `open` gives the client of this process; it and the worker's context are opened at the first event, and again
 * after a failure. A failed record is reported with all later ones of its message group, others are not.
 */
export function sqsHandler(handlers: QueueHandlers, open: () => Promise<Client>): SqsHandler {
  const { queue } = handlers.worker;
  const opened = openOnce(() => openWorker(handlers, open));
  return async (event, context) => {
    const { cellar, open: worker } = await opened();
    const { broker, acknowledgeNow } = cellar.backend;
    const failures = await processBatch(
      event.Records.map((record) => fromSqsRecord(record, queue)),
      {
        environment: worker.environment,
        concurrency: handlers.worker.concurrency ?? cellar.settings.workerConcurrency,
        settle: (settlements) => broker.settle(settlements),
        ...(acknowledgeNow === undefined ? undefined : { acknowledgeNow }),
        remainingMs: remainingTime(context, cellar.runtime.clock),
      },
    );
    const failed = new Set(failures.map(({ receipt }) => receipt));
    return {
      batchItemFailures: event.Records.filter(({ receiptHandle }) => failed.has(receiptHandle)).map(
        ({ messageId }) => ({ itemIdentifier: messageId }),
      ),
    };
  };
}

/** Longest timeout of a function (Lambda developer guide, quotas). */
const LONGEST_CALL_MS = 900_000;

/** The time left by the context's word, and no more than it was at first less what has passed: an emulator's word may stand still. */
function remainingTime(context: LambdaContext, clock: Clock): () => number {
  const endMs = clock.now() + Math.min(context.getRemainingTimeInMillis(), LONGEST_CALL_MS);
  return () => Math.min(context.getRemainingTimeInMillis(), endMs - clock.now());
}

async function openWorker(handlers: QueueHandlers, open: () => Promise<Client>) {
  const cellar = await open();
  return { cellar, open: await openEnvironment(cellar, handlers) };
}
