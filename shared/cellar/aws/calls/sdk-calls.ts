/** AWS by the SDK's clients: what a long-lived process uses. */
import type { Runtime } from '../../clock.ts';
import type { AwsCalls, AwsOperation } from '../calls.ts';
import type { AwsLocation } from '../location.ts';
import { operationName } from './aws-request.ts';
import { callTimeoutMs } from './call-timeout.ts';
import { fetchCalls } from './fetch-calls.ts';
import type { Secrets } from './public-text.ts';
import { isSdkService, type SdkClient, type SdkServiceName, sdkClients } from './sdk-clients.ts';
import { sdkError } from './sdk-error.ts';
import { withToken } from './with-token.ts';
import { withTries } from './with-tries.ts';
import { type Limit, within } from './within.ts';

export interface SdkCallsOptions {
  readonly location: Pick<AwsLocation, 'region' | 'endpoint'>;
  readonly runtime: Runtime;
}

/**
 * Opens AWS by the SDK, with credentials from its default chain (environment, profile, container, instance). A service's
 * client is loaded at its first call. Secrets Manager and SES go by signed fetch with the same credentials: a call or
 * two in a process's life, not worth a client each.
 */
export function sdkCalls({ location, runtime }: SdkCallsOptions): AwsCalls {
  const clients = sdkClients(location);
  const others = once(() => openOthers({ location, runtime }, clients));
  return {
    async call(operation, input, options = {}) {
      const service = operation.slice(0, operation.indexOf(':'));
      if (!isSdkService(service)) return (await others()).call(operation, input, options);
      const { client, commandOf } = await clients.of(service);
      const command = commandOf(operationName(operation), withToken(operation, input, runtime.newId));
      const limit = { clock: runtime.clock, timeoutMs: callTimeoutMs(operation, input), signal: options.signal };
      return withTries(() => sendOnce(client, { operation, command, limit }), runtime, options.signal);
    },
    close: () => void clients.close(),
  };
}

function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

async function openOthers(
  options: SdkCallsOptions,
  clients: { of(name: SdkServiceName): Promise<{ readonly client: SdkClient }> },
): Promise<AwsCalls> {
  const { client } = await clients.of('sqs');
  return fetchCalls({ ...options, credentials: () => client.config.credentials() });
}

interface Attempt {
  readonly operation: AwsOperation;
  readonly command: object;
  readonly limit: Limit;
}

async function sendOnce(client: SdkClient, { operation, command, limit }: Attempt): Promise<object> {
  let secrets: Secrets = [];
  try {
    return await within(limit, async (abortSignal) => {
      const { secretAccessKey, sessionToken } = await client.config.credentials();
      secrets = [secretAccessKey, sessionToken];
      return resultOf(await client.send(command, { abortSignal }));
    });
  } catch (error) {
    throw sdkError(operation, error, secrets);
  }
}

interface SdkAnswer {
  readonly $metadata?: object;
  /** Of an object: a stream that the SDK's mixin reads. */
  readonly Body?: { transformToByteArray(): Promise<Uint8Array> };
}

async function resultOf({ $metadata: _none, Body, ...result }: SdkAnswer): Promise<object> {
  return Body === undefined ? result : { ...result, Body: await Body.transformToByteArray() };
}
