/** Counts what AWS would bill for the calls that pass through it. */
import type { AwsCalls, AwsOperation, AwsOperations } from '../../../shared/cellar/aws/calls.ts';
import { type Billed, bills, type Counts, type IndexesOf } from './meter/billed.ts';
import { PRICES } from './meter/prices.ts';

const NOTHING: Counts = {
  ...{ sqsFifo: 0, sqsStandard: 0, snsRequests: 0, snsMessages: 0, snsBytes: 0 },
  ...{ dynamoRequests: 0, dynamoWriteUnits: 0, dynamoReadUnits: 0, schedulerRequests: 0, schedulesMade: 0 },
  ...{ s3Puts: 0, s3Gets: 0, secretReads: 0, mails: 0 },
};

export interface Meter {
  /** Give these to what is measured. */
  readonly calls: AwsCalls;
  counts(): Counts;
  /** Billed requests to queues of both kinds. */
  sqsRequests(): number;
  /** How often each operation was called. */
  operations(): Readonly<Partial<Record<AwsOperation, number>>>;
  reset(): void;
  /** USD of everything counted, and of what SNS delivered: that is seen by nobody here, so the test says it. */
  cost(delivered?: { readonly messages: number; readonly bytes: number }): number;
}

/**
 * Wraps calls. A call that is tried again inside counts once; Lambda's own polling does not pass here
 * ({@link lambdaPolling}).
 */
export function billingMeter(calls: AwsCalls, { indexesOf = {} }: { readonly indexesOf?: IndexesOf } = {}): Meter {
  let counts = NOTHING;
  let operations: Partial<Record<AwsOperation, number>> = {};
  const add = (operation: AwsOperation, billed: Billed): void => {
    operations[operation] = (operations[operation] ?? 0) + 1;
    counts = plus(counts, billed);
  };
  return {
    calls: {
      async call(operation, input, options) {
        let output: AwsOperations[typeof operation]['output'] | undefined;
        try {
          output = await calls.call(operation, input, options);
          return output;
        } finally {
          add(operation, bills[operation](input, output, indexesOf));
        }
      },
      close: () => calls.close(),
    },
    counts: () => counts,
    sqsRequests: () => counts.sqsFifo + counts.sqsStandard,
    operations: () => operations,
    reset() {
      counts = NOTHING;
      operations = {};
    },
    cost: (delivered) => costOf(counts, delivered),
  };
}

function plus(counts: Counts, billed: Billed): Counts {
  const names = Object.keys(counts) as (keyof Counts)[];
  return Object.fromEntries(names.map((name) => [name, counts[name] + (billed[name] ?? 0)])) as unknown as Counts;
}

/** USD; a schedule costs as if it fired. */
function costOf(counts: Counts, delivered = { messages: 0, bytes: 0 }): number {
  return (
    counts.sqsFifo * PRICES.sqsFifoRequest +
    counts.sqsStandard * PRICES.sqsStandardRequest +
    counts.snsRequests * PRICES.snsPublish +
    counts.snsBytes * PRICES.snsPublishedByte +
    delivered.messages * PRICES.snsDelivery +
    delivered.bytes * PRICES.snsDeliveredByte +
    counts.dynamoWriteUnits * PRICES.dynamoWriteUnit +
    counts.dynamoReadUnits * PRICES.dynamoReadUnit +
    counts.schedulesMade * PRICES.schedulerInvocation +
    counts.s3Puts * PRICES.s3Put +
    counts.s3Gets * PRICES.s3Get +
    counts.secretReads * PRICES.secretRead +
    counts.mails * PRICES.mail
  );
}

const LONG_POLL_SECONDS = 20;
/** Lambda polls an idle queue with this many connections at least and at most (Lambda's guide, "Using Lambda with SQS"). */
export const IDLE_POLLERS = { fewest: 2, most: 5 } as const;

/**
 * Computed, not measured: the SQS requests that Lambda's pollers make by themselves, which are billed to the queue's
 * owner: a receive and a delete for each batch, and a long poll every 20 s of each idle poller.
 */
export function lambdaPolling({
  batches,
  idleSeconds,
  pollers = IDLE_POLLERS.most,
}: {
  readonly batches: number;
  readonly idleSeconds: number;
  readonly pollers?: number;
}): { readonly receives: number; readonly deletes: number; readonly idleReceives: number } {
  return { receives: batches, deletes: batches, idleReceives: Math.ceil(idleSeconds / LONG_POLL_SECONDS) * pollers };
}
