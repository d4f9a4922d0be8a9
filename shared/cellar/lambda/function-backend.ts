/**
 * The backend of a worker's Lambda function. What each event needs is loaded with the function; what only some tasks need
 * (publishing, results, dead letters, administration) is loaded when it is first asked for, and costs no cold start before.
 */
import type { AwsCalls } from '../aws/calls.ts';
import { type AwsLocation, awsNames } from '../aws/location.ts';
import type { AttemptCounter, Backend, PayloadStore } from '../backend.ts';
import type { Broker, BrokerAdmin, Settlement } from '../broker.ts';
import { awsCapabilities } from '../brokers/aws/capabilities.ts';
import type { ChordStore } from '../chord-store.ts';
import type { Runtime } from '../clock.ts';
import type { ResultStore, ScheduleStore } from '../result-store.ts';
import { MAX_UPDATE_BYTES } from '../results/dynamodb/max-update-bytes.ts';
import { openRevocations } from '../results/dynamodb/revocations.ts';
import { openTable } from '../results/dynamodb/table.ts';
import type { Topology } from '../topology.ts';
import { deferred } from './deferred.ts';
import { openOnce } from './open-once.ts';

export interface FunctionBackendOptions {
  readonly location: AwsLocation;
  readonly calls: AwsCalls;
  readonly runtime: Runtime;
  readonly resultExpiresSeconds: number;
}

const SETTLED = { status: 'settled' } as const;

/** Loads what tasks need that store results or send. */
export function loadRest(): Promise<typeof import('./rest.ts')> {
  return import('./rest.ts');
}

export function functionBackend(options: FunctionBackendOptions): Backend {
  const { calls, location, runtime, resultExpiresSeconds } = options;
  const table = openTable({ calls, table: awsNames.resultsTable(location.prefix), runtime });
  const declared: Topology[] = [];
  let isOpened = false;
  const whole = openOnce(async () => {
    const { openAws } = await loadRest();
    const backend = await openAws({ ...options, acknowledge: 'by-return' });
    for (const topology of declared) await backend.broker.declare(topology);
    isOpened = true;
    return backend;
  });
  const broker = async () => (await whole()).broker;
  return {
    broker: {
      ...deferred<Broker>()(broker, ['publish', 'receive', 'extend']),
      capabilities: awsCapabilities({ storesPayloads: true }),
      async declare(topology) {
        declared.push(topology);
        if (isOpened) await (await broker()).declare(topology);
      },
      // SQS takes off the queue what the function does not report: there is nothing to do.
      settle: async (settlements) =>
        settlements.every(isPlain) ? settlements.map(() => SETTLED) : await (await broker()).settle(settlements),
      async close() {
        if (isOpened) await (await broker()).close();
        else calls.close();
      },
    },
    admin: deferred<BrokerAdmin>()(
      async () => (await whole()).admin,
      ['counts', 'peek', 'purge', 'redrive', 'cancelDelayed'],
    ),
    results: {
      ...deferred<ResultStore>()(
        async () => (await whole()).results,
        ['get', 'store', 'wait', 'claim', 'unclaim', 'revoke', 'list', 'forget', 'cleanup'],
      ),
      expiresSeconds: resultExpiresSeconds,
      maxUpdateBytes: MAX_UPDATE_BYTES,
      revoked: openRevocations(table, runtime.clock).which,
      close: async () => (isOpened ? await (await whole()).results.close() : undefined),
    },
    schedules: deferred<ScheduleStore>()(async () => (await whole()).schedules, ['lastFired', 'advance']),
    chords: deferred<ChordStore>()(async () => (await whole()).chords, ['open', 'ended', 'forget']),
    attempts: deferred<AttemptCounter>()(async () => (await whole()).attempts, ['begin', 'unfinished', 'ended']),
    payloads: deferred<PayloadStore>()(async () => (await whole()).payloads, ['put', 'get']),
    acknowledgeNow: async (deliveries) => await (await whole()).acknowledgeNow?.(deliveries),
    needsRecheck: async (exchange, queue) => (await whole()).needsRecheck?.(exchange, queue) ?? false,
  };
}

/** Whether it only acknowledges. */
function isPlain({ publish, result, disposition }: Settlement): boolean {
  return publish.length === 0 && result === undefined && disposition.kind === 'ack';
}
