/** AWS by signed fetch: what a Lambda loads. */
import { loadRestCalls } from '#rest-calls';
import type { Runtime } from '../../clock.ts';
import { AwsCallError, type AwsCalls, type AwsOperation } from '../calls.ts';
import type { AwsLocation } from '../location.ts';
import type { AwsAnswer, AwsRequest } from './aws-request.ts';
import { callTimeoutMs } from './call-timeout.ts';
import type { CredentialSource } from './credentials.ts';
import { requestOf, resultOf } from './http-calls.ts';
import { signedHeaders } from './sign.ts';
import { withToken } from './with-token.ts';
import { withTries } from './with-tries.ts';
import { within } from './within.ts';

export interface FetchCallsOptions {
  readonly location: Pick<AwsLocation, 'region' | 'endpoint'>;
  readonly credentials: CredentialSource;
  readonly runtime: Runtime;
  /** @default the global fetch */
  readonly fetch?: typeof fetch;
}

/**
 * Opens AWS by signed fetch. Connections are Node's own, kept open for seconds and shared by the process, so `close`
 * has nothing to free.
 */
export function fetchCalls({ location, credentials, runtime, fetch: send = fetch }: FetchCallsOptions): AwsCalls {
  const { region } = location;
  const { clock } = runtime;
  return {
    async call(operation, input, { signal } = {}) {
      const request = await requestOf(withToken(operation, input, runtime.newId), { operation, location });
      const limit = { clock, timeoutMs: callTimeoutMs(operation, input), signal };
      const attempt = async () => {
        const keys = await credentials();
        const headers = signedHeaders(request, { ...keys, region, clock });
        const ask = (ends: AbortSignal) => answerTo(send, { ...request, headers }, ends);
        const answer = await exchange(operation, () => within(limit, ask));
        if (answer.status > 299) {
          const { answerError } = await loadRestCalls();
          throw answerError(operation, answer, [keys.secretAccessKey, keys.sessionToken]);
        }
        return await readable(operation, () => resultOf(operation, answer));
      };
      return withTries(attempt, runtime, signal);
    },
    close: () => undefined,
  };
}

async function answerTo(
  send: typeof fetch,
  { url, method, headers, body }: AwsRequest,
  signal: AbortSignal,
): Promise<AwsAnswer> {
  const response = await send(url, {
    ...{ method, headers, signal },
    ...(body === undefined ? undefined : { body }),
    redirect: 'manual', // a signature holds for one host
  });
  return { status: response.status, headers: response.headers, body: new Uint8Array(await response.arrayBuffer()) };
}

async function exchange(operation: AwsOperation, send: () => Promise<AwsAnswer>): Promise<AwsAnswer> {
  try {
    return await send();
  } catch (error) {
    throw networkError(operation, error as Error);
  }
}

/** fetch says only that it failed; its cause says why. */
function networkError(operation: AwsOperation, error: Error): Error {
  if (error.name === 'AbortError') return error;
  const { message } = (error.cause ?? error) as Error;
  return new AwsCallError(operation, { awsCode: 'NetworkError', message: message || error.message, cause: error });
}

/** An answer that cannot be read is none: it was cut off, or something between here and AWS gave it. */
async function readable<Result>(operation: AwsOperation, read: () => Promise<Result>): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new AwsCallError(operation, { awsCode: 'NetworkError', message: 'the answer cannot be read' });
  }
}
