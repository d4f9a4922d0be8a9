/** The AWS broker for the conformance suite, on an emulator: each test has a prefix, and so everything, of its own. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll } from '@jest/globals';
import { fetchCalls } from '../../shared/cellar/aws/calls/fetch-calls.ts';
import type { AwsCalls } from '../../shared/cellar/aws/calls.ts';
import type { AwsLocation } from '../../shared/cellar/aws/location.ts';
import type { Backend } from '../../shared/cellar/backend.ts';
import { createMessaging, createOnAws } from '../../shared/cellar/brokers/aws/create/create-on-aws.ts';
import { createBucket } from '../../shared/cellar/brokers/aws/create/create-stores.ts';
import { openAws, openAwsMessaging } from '../../shared/cellar/brokers/aws/open-aws.ts';
import { s3Payloads } from '../../shared/cellar/brokers/aws/payloads.ts';
import { openMemory } from '../../shared/cellar/brokers/memory/open-memory.ts';
import { systemRuntime as runtime } from '../../shared/cellar/clock.ts';
import { revokedUpdate } from '../../shared/cellar/worker/result-update.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION, type EmulatorName, startEmulator } from '../support/aws/emulator.ts';
import { startTcpProxy } from '../support/tcp-proxy.ts';
import type { Harness, HarnessOptions, OpenHarness } from './harness.ts';

interface Emulated {
  readonly emulator: EmulatorName;
  readonly copiesLateMs?: number;
  readonly gaps?: NonNullable<Harness['gaps']>;
  readonly open: (location: AwsLocation, resultExpiresSeconds: number) => Promise<() => Promise<Backend>>;
}

/** Both ways of calling AWS pass one suite of their own; the SDK's loads its clients late, which Jest refuses to tests side by side. */
function callsTo(location: AwsLocation): AwsCalls {
  const credentials = async () => ({ accessKeyId: 'test', secretAccessKey: 'test' });
  return fetchCalls({ location, runtime, credentials });
}

/** Everything, as a deployment has it. */
export const onMinistack: Emulated = {
  emulator: 'ministack',
  gaps: new Set(['copies-not-deduplicated']),
  open: async (location, resultExpiresSeconds) => () =>
    openAws({
      location,
      calls: callsTo(location),
      runtime,
      acknowledge: 'delete',
      resultExpiresSeconds,
      selfMade: { create: createOnAws(location), revokedUpdate },
    }),
};

/** LocalStack here has neither DynamoDB nor a Scheduler that fires: results in memory, and no delay over 900 s. */
export const onLocalStack: Emulated = {
  emulator: 'localstack',
  copiesLateMs: 2000,
  gaps: new Set(['old-receipts-hold']),
  async open(location, resultExpiresSeconds) {
    const { results, schedules, chords } = await openMemory({ runtime, resultExpiresSeconds });
    return async () => {
      const calls = callsTo(location);
      const create: typeof createMessaging = async (at, plan) => {
        await Promise.all([createMessaging(at, plan), createBucket(at)]);
      };
      const messaging = openAwsMessaging({
        location,
        calls,
        runtime,
        results,
        acknowledge: 'delete',
        payloads: s3Payloads({ calls, location, runtime }),
        maxDelaySeconds: 900,
        selfMade: { create: (plan) => create(location, plan), revokedUpdate },
      });
      return { ...messaging, results, schedules, ...(chords === undefined ? {} : { chords }) };
    };
  },
};

/** Starts the emulator at the first test, because tests that run side by side start before hooks do. */
export function awsHarness({ emulator, open, ...behaviour }: Emulated): OpenHarness {
  let started: ReturnType<typeof startEmulator> | undefined;
  afterAll(async () => (await started)?.stop());
  const openHarness = async ({ resultExpiresSeconds = 600 }: HarnessOptions = {}): Promise<Harness> => {
    started ??= startEmulator(emulator);
    const proxy = await startTcpProxy(Number(new URL((await started).endpoint).port));
    const endpoint = `http://127.0.0.1:${proxy.port}`;
    const prefix = `t-${randomUUID().slice(0, 13)}`;
    const openOne = await open(
      { region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix, endpoint },
      resultExpiresSeconds,
    );
    const opened: Backend[] = [];
    const openNext = async (): Promise<Backend> => {
      const next = await openOne();
      opened.push(next);
      return next;
    };
    const backend = await openNext();
    return {
      backend,
      now: Date.now,
      isTimeReal: true,
      passMs: (ms) => sleep(ms),
      ...behaviour,
      // Shorter than receipts hold: a test that looks twice still settles what it took.
      patienceMs: 2000,
      shareOfMany: 0.2,
      async reopen() {
        await backend.broker.close();
        return await openNext();
      },
      second: openNext,
      async disrupt() {
        proxy.cut();
      },
      async close() {
        await Promise.all(opened.map(({ broker }) => broker.close()));
        await proxy.stop();
      },
    };
  };
  return Object.assign(openHarness, { sideBySide: true, realTime: true } as const);
}
