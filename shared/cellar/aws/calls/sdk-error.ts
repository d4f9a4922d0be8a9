/** The SDK's errors, as the port says them. */
import { CellarError } from '../../errors.ts';
import { AwsCallError, type AwsOperation, type Item } from '../calls.ts';
import { type CancellationReason, reasonsOf } from './answer-error.ts';
import { publicText, type Secrets } from './public-text.ts';
import { abortError } from './with-tries.ts';

/** What the SDK's errors may have. */
interface SdkError extends Error {
  readonly $metadata?: { readonly httpStatusCode?: number };
  /** What XML said: its code is AWS's own, where `name` is that of the SDK's class. */
  readonly Error?: { readonly Code?: string };
  readonly Item?: Item;
  readonly CancellationReasons?: readonly CancellationReason[];
}

/** Names that the SDK gives where the answer had none, or none that it could read. */
const NO_CODE: ReadonlySet<string> = new Set(['Error', 'SyntaxError', 'Unknown', 'UnknownError']);
/** Those of Node's connections; faults in the program have names of their own. */
const NO_ANSWER: ReadonlySet<string> = new Set(['Error', 'TimeoutError']);
const NO_CREDENTIALS: ReadonlySet<string> = new Set(['CredentialsProviderError', 'TokenProviderError']);

/** What to throw for what `send` threw: faults in the program stay as they are. */
export function sdkError(operation: AwsOperation, thrown: unknown, secrets: Secrets): unknown {
  const error = thrown as SdkError;
  const status = error.$metadata?.httpStatusCode;
  if (error.name === 'AbortError') return abortError();
  if (NO_CREDENTIALS.has(error.name)) return new CellarError('bad-settings', `no AWS credentials: ${error.message}`);
  if (status !== undefined) return answered({ operation, status, secrets }, error);
  if (!NO_ANSWER.has(error.name)) return error;
  return new AwsCallError(operation, { awsCode: 'NetworkError', message: error.message || error.name, cause: error });
}

interface Answered {
  readonly operation: AwsOperation;
  readonly status: number;
  readonly secrets: Secrets;
}

function answered({ operation, status, secrets }: Answered, error: SdkError): AwsCallError {
  if (status < 300)
    return new AwsCallError(operation, { awsCode: 'NetworkError', message: 'the answer cannot be read' });
  const name = operation.startsWith('sns:') ? (error.Error?.Code ?? error.name) : error.name;
  const isNamed = !NO_CODE.has(name);
  const message = isNamed ? publicText(error.message, secrets) : '';
  return new AwsCallError(operation, {
    awsCode: isNamed ? name : `Http${status}`,
    message: message || `the answer has the status ${status} and no message`,
    status,
    item: error.Item,
    reasons: reasonsOf(error.CancellationReasons),
  });
}
