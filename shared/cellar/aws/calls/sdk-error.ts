/** The SDK's errors, as the port says them. */
import { CellarError } from '../../errors.ts';
import { AwsCallError, type AwsOperation, type Item } from '../calls.ts';
import { type CancellationReason, reasonsOf } from './answer-error.ts';
import { publicText } from './public-text.ts';
import { abortError } from './with-tries.ts';

/** What the SDK's errors may have. */
interface SdkError extends Error {
  /** Node's, of a broken connection. */
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
  readonly $response?: unknown;
  readonly Item?: Item;
  readonly CancellationReasons?: readonly CancellationReason[];
}

const NO_CODE: ReadonlySet<string> = new Set(['', 'Error', 'Unknown', 'UnknownError']);
const NO_CREDENTIALS: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** What to throw for what `send` threw: faults in the program stay as they are. */
export function sdkError(operation: AwsOperation, error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const fault: SdkError = error;
  const status = fault.$metadata?.httpStatusCode;
  if (fault.name === 'AbortError') return abortError();
  if (NO_CREDENTIALS.has(fault.name)) return new CellarError('bad-settings', `no AWS credentials: ${fault.message}`);
  if (fault.name === 'TimeoutError' || (fault.code !== undefined && status === undefined)) {
    return new AwsCallError(operation, { awsCode: 'NetworkError', message: fault.message || fault.name, cause: error });
  }
  if (status === undefined) return error;
  return new AwsCallError(operation, {
    awsCode: NO_CODE.has(fault.name) ? `Http${status}` : fault.name,
    message: publicText(fault.message, []) || `the answer has the status ${status} and no message`,
    status,
    item: fault.Item,
    reasons: reasonsOf(fault.CancellationReasons),
  });
}
