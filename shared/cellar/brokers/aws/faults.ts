/** AWS's error codes as the broker's own. */
import { AwsCallError } from '../../aws/calls.ts';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';
import { type Refusal, refusal } from '../plan-publish.ts';

/** Why AWS did not take an entry of a batch. */
export interface EntryFault {
  readonly awsCode: string;
  readonly message: string;
  /** Sending the same again cannot succeed. */
  readonly isSenders: boolean;
}

const NO_QUEUE: ReadonlySet<string> = new Set(['QueueDoesNotExist', 'AWS.SimpleQueueService.NonExistentQueue']);
const NO_TOPIC: ReadonlySet<string> = new Set(['NotFound', 'NotFoundException']);
/** A receipt that ran out, or that was settled; SQS names it in several ways. */
const STALE: ReadonlySet<string> = new Set([
  'ReceiptHandleIsInvalid',
  'InvalidParameterValue',
  'InvalidParameterValueException',
  'MessageNotInflight',
  'AWS.SimpleQueueService.MessageNotInflight',
]);

/** The fault of a whole call. */
export function faultOfCall(error: unknown): EntryFault {
  if (!(error instanceof AwsCallError)) {
    return { awsCode: 'NetworkError', message: describeError(error), isSenders: false };
  }
  return { awsCode: error.awsCode, message: error.message, isSenders: !error.isPassing };
}

export function isStaleReceipt({ awsCode }: EntryFault): boolean {
  return STALE.has(awsCode);
}

/** Why a message was refused; `target` names its queue or exchange. */
export function refusalOf({ awsCode, message, isSenders }: EntryFault, target: string): Refusal {
  if (NO_QUEUE.has(awsCode)) return refusal('unknown-queue', `there is no queue for ${target} on AWS`);
  if (NO_TOPIC.has(awsCode)) return refusal('unknown-exchange', `there is no topic for ${target} on AWS`);
  return refusal(
    isSenders ? 'not-supported' : 'broker-unavailable',
    `${target} did not take it: ${awsCode}: ${message}`,
  );
}

/** A failed call about a queue as the error that the broker's port names. */
export function queueError(error: unknown, queue: string): CellarError {
  const { awsCode, message } = faultOfCall(error);
  if (NO_QUEUE.has(awsCode)) {
    return new CellarError('unknown-queue', `there is no queue for '${queue}' on AWS`, { cause: error });
  }
  return new CellarError('broker-unavailable', `queue '${queue}': ${message}`, { cause: error });
}
