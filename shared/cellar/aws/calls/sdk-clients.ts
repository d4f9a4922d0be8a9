/** The SDK's clients, each loaded when its first call is made. */
import { CellarError } from '../../errors.ts';
import type { AwsLocation } from '../location.ts';
import type { CredentialSource } from './credentials.ts';

/** What is used of a client of the SDK. */
export interface SdkClient {
  readonly config: { readonly credentials: CredentialSource };
  send(command: object, options: { readonly abortSignal: AbortSignal }): Promise<object>;
  destroy(): void;
}

type Constructor<Made> = new (input: object) => Made;

interface SdkService {
  readonly client: SdkClient;
  commandOf(operation: string, input: object): object;
}

const packages = {
  sqs: { name: '@aws-sdk/client-sqs', client: 'SQSClient', load: () => import('@aws-sdk/client-sqs') },
  sns: { name: '@aws-sdk/client-sns', client: 'SNSClient', load: () => import('@aws-sdk/client-sns') },
  dynamodb: {
    name: '@aws-sdk/client-dynamodb',
    client: 'DynamoDBClient',
    load: () => import('@aws-sdk/client-dynamodb'),
  },
  s3: { name: '@aws-sdk/client-s3', client: 'S3Client', load: () => import('@aws-sdk/client-s3') },
  scheduler: {
    name: '@aws-sdk/client-scheduler',
    client: 'SchedulerClient',
    load: () => import('@aws-sdk/client-scheduler'),
  },
} as const;

export type SdkServiceName = keyof typeof packages;

export function isSdkService(name: string): name is SdkServiceName {
  return Object.hasOwn(packages, name);
}

/** Opens clients for one region; every one is opened once. */
export function sdkClients(location: Pick<AwsLocation, 'region' | 'endpoint'>) {
  const opened = new Map<SdkServiceName, Promise<SdkService>>();
  return {
    /** @throws CellarError `not-supported` where the service's package is not installed */
    of(name: SdkServiceName): Promise<SdkService> {
      const service = opened.get(name) ?? open(name, location);
      opened.set(name, service);
      return service;
    },
    async close(): Promise<void> {
      for (const result of await Promise.allSettled(opened.values())) {
        if (result.status === 'fulfilled') result.value.client.destroy();
      }
    },
  };
}

async function open(name: SdkServiceName, location: Pick<AwsLocation, 'region' | 'endpoint'>): Promise<SdkService> {
  const { load, client } = packages[name];
  const loaded: Readonly<Record<string, unknown>> = await installed(packages[name].name, load);
  const made = (member: string) => loaded[member] as Constructor<object>;
  return {
    client: new (loaded[client] as Constructor<SdkClient>)(configOf(location)),
    commandOf: (operation, input) => new (made(`${operation}Command`))(input),
  };
}

/**
 * Tries and timeouts are made outside (`withTries`, `within`), the same for the SDK as for signed fetch. A long poll
 * holds a connection for 20 s: with the SDK's limit of 50, the polls of many queues would hold up everything else.
 */
function configOf({ region, endpoint }: Pick<AwsLocation, 'region' | 'endpoint'>): object {
  const agent = { keepAlive: true, maxSockets: Number.POSITIVE_INFINITY };
  return {
    region,
    maxAttempts: 1,
    requestHandler: { httpAgent: agent, httpsAgent: agent },
    useQueueUrlAsEndpoint: false,
    ...(endpoint === undefined ? undefined : { endpoint, forcePathStyle: true }),
  };
}

/**
 * Loads an optional peer.
 * @throws CellarError `not-supported` where it is not installed
 */
async function installed<Module extends object>(name: string, load: () => Promise<Module>): Promise<Module> {
  try {
    return await load();
  } catch (error) {
    if (!String(error).includes(name)) throw error;
    throw new CellarError('not-supported', `${name} is not installed, needed for this call: npm install ${name}`, {
      cause: error,
    });
  }
}
