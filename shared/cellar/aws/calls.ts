/**
 * The calls to AWS that Cellar makes, as one narrow port. Two implementations pass one suite: the SDK's clients
 * (`calls/sdk-calls.ts`, for processes) and signed fetch (`calls/fetch-calls.ts`, for what a Lambda loads: client-sqs
 * alone costs 80 ms and 96 KiB at a cold start).
 */
import type { Item } from './dynamodb-shapes.ts';
import type { AwsOperation, AwsOperations } from './operations.ts';

export type { AttributeValue, Item, TransactWriteItem } from './dynamodb-shapes.ts';
export type {
  AwsOperation,
  AwsOperations,
  BatchFailure,
  MessageAttribute,
  SnsPublishEntry,
  SqsMessage,
  SqsSendEntry,
} from './operations.ts';

export interface CallOptions {
  /** Ends the call at once with an `AbortError`. */
  readonly signal?: AbortSignal;
}

export interface AwsCalls {
  /**
   * Makes one call. Throttling, 5xx answers and broken connections are tried again inside (at most 3 tries in all, with
   * jittered backoff, each of at most 10 s, 60 s for S3, beside what a long poll waits); what fails for good throws
   * {@link AwsCallError}. A batch whose entries failed is no error: its `Failed` says so, and the caller tries those
   * again. Callable concurrently.
   * @throws CellarError `bad-settings` without credentials; `not-supported` where an optional package is not installed
   */
  call<Operation extends AwsOperation>(
    operation: Operation,
    input: AwsOperations[Operation]['input'],
    options?: CallOptions,
  ): Promise<AwsOperations[Operation]['output']>;
  /** Frees connections. */
  close(): void;
}

/** AWS said no, or did not answer. */
export class AwsCallError extends Error {
  readonly operation: AwsOperation;
  /**
   * AWS's own name, such as `ConditionalCheckFailedException`, without a namespace; `Http<status>` where an answer has
   * none; `NetworkError` where no answer came in time, or none that can be read.
   */
  readonly awsCode: string;
  /** The HTTP status; absent with `NetworkError`. */
  readonly status: number | undefined;
  /** The item that stood in the way of a conditional write that asked for it (ALL_OLD). */
  readonly item: Item | undefined;
  /** Of a cancelled transaction: why, in the order of its writes; `None` for those that were not the reason. */
  readonly reasons: readonly { readonly code: string; readonly item?: Item }[];

  constructor(
    operation: AwsOperation,
    fault: {
      readonly awsCode: string;
      readonly message: string;
      readonly status?: number | undefined;
      readonly item?: Item | undefined;
      readonly reasons?: readonly { readonly code: string; readonly item?: Item }[];
      readonly cause?: unknown;
    },
  ) {
    super(`${operation}: ${fault.awsCode}: ${fault.message}`, fault.cause === undefined ? {} : { cause: fault.cause });
    this.name = 'AwsCallError';
    this.operation = operation;
    this.awsCode = fault.awsCode;
    this.status = fault.status;
    this.item = fault.item;
    this.reasons = fault.reasons ?? [];
  }

  /** Whether the same call may succeed later: no answer, throttling, or a fault on AWS's side. */
  get isPassing(): boolean {
    return this.status === undefined || this.status >= 500 || this.status === 429 || PASSING.has(this.awsCode);
  }
}

/** AWS's words for "not now", where the status does not say it: those of the SDK, and the queues' own. */
const PASSING: ReadonlySet<string> = new Set([
  'BandwidthLimitExceeded',
  'KMSThrottling',
  'KmsThrottled',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'RequestTimeout',
  'RequestTimeoutException',
  'SlowDown',
  'Throttled',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
  'TransactionInProgressException',
]);
