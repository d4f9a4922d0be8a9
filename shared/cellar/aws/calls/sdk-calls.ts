/** AWS by the SDK's clients: what a long-lived process uses. */
import type { Runtime } from '../../clock.ts';
import type { AwsCalls, AwsOperation, AwsOperations } from '../calls.ts';
import type { AwsLocation } from '../location.ts';
import { operationName } from './aws-request.ts';
import { callTimeoutMs } from './call-timeout.ts';
import { installed, isSdkService, type SdkClient, type SdkServiceName, sdkClients } from './sdk-clients.ts';
import { sdkError } from './sdk-error.ts';
import { withTries } from './with-tries.ts';

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
      const { client, command } = await clients.of(service);
      const send = () => sendOnce(client, command(operationName(operation), input), { operation, input, ...options });
      return withTries(send, runtime, options.signal);
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
  const { fetchCalls } = await installed('aws4fetch', () => import('./fetch-calls.ts'));
  const { client } = await clients.of('sqs');
  return fetchCalls({ ...options, credentials: () => client.config.credentials() });
}

interface SdkCall<Operation extends AwsOperation> {
  readonly operation: Operation;
  readonly input: AwsOperations[Operation]['input'];
  readonly signal?: AbortSignal;
}

async function sendOnce<Operation extends AwsOperation>(
  client: SdkClient,
  command: object,
  { operation, input, signal }: SdkCall<Operation>,
): Promise<AwsOperations[Operation]['output']> {
  try {
    const answer = await client.send(command, {
      requestTimeout: callTimeoutMs(operation, input),
      ...(signal === undefined ? undefined : { abortSignal: signal }),
    });
    return (await resultOf(answer)) as AwsOperations[Operation]['output'];
  } catch (error) {
    throw sdkError(operation, error);
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
