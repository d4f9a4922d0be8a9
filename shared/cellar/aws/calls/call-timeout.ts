/** How long one try of a call may take. */
import type { AwsOperation, AwsOperations } from '../calls.ts';

const TIMEOUT_MS = 10_000;
/** Objects are up to some tens of MiB. */
const OBJECT_TIMEOUT_MS = 60_000;

/** Milliseconds for one try: what a long poll waits comes on top. */
export function callTimeoutMs<Operation extends AwsOperation>(
  operation: Operation,
  input: AwsOperations[Operation]['input'],
): number {
  if (operation.startsWith('s3:')) return OBJECT_TIMEOUT_MS;
  return TIMEOUT_MS + ('WaitTimeSeconds' in input ? (input.WaitTimeSeconds ?? 0) * 1000 : 0);
}
