/** DynamoDB stores on an emulator, each over a table of its own. */

import { fetchCalls } from '../../../../shared/cellar/aws/calls/fetch-calls.ts';
import type { AwsCalls } from '../../../../shared/cellar/aws/calls.ts';
import { awsNames } from '../../../../shared/cellar/aws/location.ts';
import { createTable } from '../../../../shared/cellar/brokers/aws/create/create-stores.ts';
import { openMemory } from '../../../../shared/cellar/brokers/memory/open-memory.ts';
import { type Runtime, sleep, systemRuntime } from '../../../../shared/cellar/clock.ts';
import {
  type DynamoStores,
  openDynamoResults,
} from '../../../../shared/cellar/results/dynamodb/open-dynamo-results.ts';
import type { Harness, HarnessOptions } from '../../../conformance/harness.ts';
import { EMULATED_ACCOUNT, EMULATED_REGION } from '../../../support/aws/emulator.ts';
import { manualClock, manualRuntime } from '../../../support/manual-clock.ts';

const EXPIRES_SECONDS = 600;
let tables = 0;

export function callsTo(endpoint: string): AwsCalls {
  return fetchCalls({
    location: { region: EMULATED_REGION, endpoint },
    credentials: () => ({ accessKeyId: 'test', secretAccessKey: 'test' }),
    runtime: systemRuntime,
  });
}

/** The name of a new, empty table. */
export async function newTable(endpoint: string): Promise<string> {
  const prefix = `rig-${++tables}`;
  await createTable({ region: EMULATED_REGION, account: EMULATED_ACCOUNT, prefix, endpoint });
  return awsNames.resultsTable(prefix);
}

export async function newStores(
  endpoint: string,
  {
    calls = callsTo(endpoint),
    runtime = systemRuntime,
  }: { readonly calls?: AwsCalls; readonly runtime?: Runtime } = {},
): Promise<DynamoStores> {
  return openDynamoResults({ calls, table: await newTable(endpoint), runtime, expiresSeconds: EXPIRES_SECONDS });
}

/** Opens the stores under the conformance suite, beside a broker that its topics on results do not use. */
export type HarnessMaker = (endpoint: string, options?: HarnessOptions) => Promise<Harness>;

/** Time is real. */
export const realHarness: HarnessMaker = async (endpoint, options) => {
  const { clock } = systemRuntime;
  return {
    ...(await partsOf(endpoint, systemRuntime, options)),
    now: clock.now,
    isTimeReal: true,
    passMs: (ms) => sleep(clock, ms),
    patienceMs: 0,
  };
};

/** The suite moves the clock: what runs out is checked by the store, never by DynamoDB. */
export const manualHarness: HarnessMaker = async (endpoint, options) => {
  const clock = manualClock();
  return {
    ...(await partsOf(endpoint, manualRuntime(clock), options)),
    now: clock.now,
    isTimeReal: false,
    passMs: clock.advance,
    patienceMs: 0,
  };
};

async function partsOf(
  endpoint: string,
  runtime: Runtime,
  { resultExpiresSeconds: expiresSeconds = EXPIRES_SECONDS }: HarnessOptions = {},
): Promise<Pick<Harness, 'backend' | 'reopen' | 'close'>> {
  const table = await newTable(endpoint);
  const calls = callsTo(endpoint);
  const open = async () => ({
    ...(await openMemory({ runtime })),
    ...openDynamoResults({ calls, table, runtime, expiresSeconds }),
  });
  const backend = await open();
  return { backend, reopen: open, close: () => backend.results.close() };
}
