import type { AwsCalls } from '../../aws/calls.ts';
import { type AwsLocation, awsNames } from '../../aws/location.ts';
import type { AwsPlan } from '../../aws/plan.ts';
import type { Backend, PayloadStore } from '../../backend.ts';
import type { Runtime } from '../../clock.ts';
import { CellarError } from '../../errors.ts';
import { describeError } from '../../exception.ts';
import type { ResultStore } from '../../result-store.ts';
import { openDynamoResults } from '../../results/dynamodb/open-dynamo-results.ts';
import { acknowledgeNow } from './acknowledge-now.ts';
import { awsAdmin } from './aws-admin.ts';
import { AwsBroker } from './aws-broker.ts';
import { openBatches } from './batches.ts';
import { awsCapabilities } from './capabilities.ts';
import { type ForwarderParts, forwardDelayed } from './forward-delayed.ts';
import { forwardLoop } from './forward-loop.ts';
import { s3Payloads } from './payloads.ts';
import type { Acknowledge } from './settle.ts';

/** Where nobody deploys, a process makes what the topology needs; one that receives forwards delayed messages too. */
export interface SelfMade {
  readonly create: (plan: AwsPlan) => Promise<void>;
  readonly revokedUpdate: ForwarderParts['revokedUpdate'];
}

export interface AwsMessagingOptions {
  readonly location: AwsLocation;
  readonly calls: AwsCalls;
  readonly runtime: Runtime;
  readonly acknowledge: Acknowledge;
  readonly results: ResultStore;
  /** @default deployed */
  readonly selfMade?: SelfMade;
  /** Where bodies go that are too large to travel. @default nowhere, they are refused */
  readonly payloads?: PayloadStore;
  /** @default as long as EventBridge Scheduler holds one */
  readonly maxDelaySeconds?: number;
}

export interface AwsOptions
  extends Pick<AwsMessagingOptions, 'location' | 'calls' | 'runtime' | 'acknowledge' | 'selfMade'> {
  readonly resultExpiresSeconds: number;
}

/** Opens an application on AWS: broker, results in DynamoDB, large bodies in S3. Closing the broker closes the calls. */
export async function openAws({ resultExpiresSeconds, ...options }: AwsOptions): Promise<Backend> {
  const { calls, location, runtime } = options;
  const table = awsNames.resultsTable(location.prefix);
  const stores = openDynamoResults({ calls, table, runtime, expiresSeconds: resultExpiresSeconds });
  const messaging = openAwsMessaging({ ...options, results: stores.results, payloads: s3Payloads(options) });
  return { ...messaging, ...stores };
}

/** The broker alone, beside a result store of another kind. */
export function openAwsMessaging(options: AwsMessagingOptions): Omit<Backend, 'results' | 'schedules'> {
  const { calls, location, runtime, payloads, selfMade, maxDelaySeconds, acknowledge } = options;
  const forwarder = selfMade === undefined ? undefined : ownForwarder(options, selfMade);
  const broker = new AwsBroker({
    ...options,
    payloads,
    capabilities: awsCapabilities({ storesPayloads: payloads !== undefined, maxDelaySeconds }),
    ...(selfMade === undefined ? undefined : { create: (plan: AwsPlan) => made(selfMade.create(plan)) }),
    ...(forwarder === undefined ? undefined : { onReceive: forwarder.start }),
    async onClose() {
      await forwarder?.stop();
      calls.close();
    },
  });
  const admin = awsAdmin({ broker, calls, location, runtime });
  const needsRecheck = (exchange: string, queue: string): boolean => broker.needsRecheck(exchange, queue);
  return {
    broker,
    admin,
    needsRecheck,
    ...(payloads === undefined ? undefined : { payloads }),
    ...(acknowledge === 'by-return' ? { acknowledgeNow: acknowledgeNow(broker) } : undefined),
  };
}

/** @throws CellarError `broker-unavailable` */
async function made(creation: Promise<void>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    const text = `what the topology needs could not be made: ${describeError(error)}`;
    throw new CellarError('broker-unavailable', text, { cause: error });
  }
}

/**
 * Forwards delayed messages beside a worker: not in a process that only sends, whose poll an emulator would go on with
 * when the process has ended.
 */
function ownForwarder(options: AwsMessagingOptions, { revokedUpdate }: SelfMade) {
  const parts = { ...options, batches: openBatches(options) };
  const ended = new AbortController();
  let forwarding: Promise<void> | undefined;
  return {
    start() {
      forwarding ??= forwardLoop({ ...parts, forward: forwardDelayed({ ...parts, revokedUpdate }) }, ended.signal);
    },
    async stop() {
      ended.abort();
      await forwarding;
    },
  };
}
