/** What a worker of one queue needs for all its runs. */
import { hostname } from 'node:os';
import type { Client } from '../client.ts';
import { CellarError } from '../errors.ts';
import { acceptedOf } from '../publish-outcome.ts';
import type { Topology } from '../topology.ts';
import type { AnyWorker } from '../worker.ts';
import type { WorkerEnvironment } from './execution.ts';
import type { TaskPool } from './pool.ts';
import { asyncPool } from './pools/async-pool.ts';
import type { QueueHandlers } from './registry.ts';
import { RESERVED_NAMES } from './task-context.ts';
import type { TaskMonitor } from './task-monitor.ts';

/** An environment and the means to end it. */
export interface OpenEnvironment {
  readonly environment: WorkerEnvironment;
  readonly cold: AbortController;
  /** Frees the worker's context. */
  dispose(): Promise<void>;
}

/** What a worker shares with the others of its process. */
export interface WorkerHost {
  /** Where its handlers run; its owner closes it after the worker has stopped. @default this process's event loop */
  readonly pool?: TaskPool;
  /** Who watches and steers this process. @default nobody */
  readonly monitor?: TaskMonitor;
  /** As Celery's node names. @default `cellar@<host>` */
  readonly name?: string;
}

/**
 * Builds what every run of this queue's tasks needs: once per process or cold start. Where a pool is given, its children
 * open the worker's context, and this does not.
 */
export async function openEnvironment(
  cellar: Client,
  { worker, handlers }: QueueHandlers,
  { pool, monitor, name }: WorkerHost = {},
): Promise<OpenEnvironment> {
  const { settings, topology, runtime, log, backend } = cellar;
  const { maxDeliveries } = declaredQueue(topology, worker.queue);
  const cold = new AbortController();
  const context = pool === undefined ? await openContext(cellar, worker) : {};
  const queues = new Map([...handlers.values()].map(({ contract }) => [contract.name, contract.queue]));
  const environment: WorkerEnvironment = {
    queue: worker.queue,
    handlers,
    context,
    runtime,
    log,
    results: backend.results,
    chords: backend.chords,
    pool: pool ?? asyncPool(),
    payloads: backend.payloads,
    attempts: backend.attempts,
    needsRecheck: backend.needsRecheck,
    capabilities: backend.broker.capabilities,
    topology,
    ...(monitor === undefined ? undefined : { monitor }),
    workerName: name ?? `cellar@${hostname()}`,
    origin: cellar.originName,
    maxDeliveries,
    maxHops: settings.taskMaxHops,
    defaultLimits: {
      hardSeconds: settings.taskTimeLimitSeconds ?? null,
      softSeconds: settings.taskSoftTimeLimitSeconds ?? null,
    },
    trackStarted: settings.taskTrackStarted,
    ignoreResult: settings.taskIgnoreResult,
    queueOf: (task) => queues.get(task) ?? settings.taskDefaultQueue,
    publishNow: async (messages) => {
      const outcomes = await backend.broker.publish(messages);
      for (const [index, message] of messages.entries()) acceptedOf(message, outcomes[index]);
    },
    stopSignal: cold.signal,
  };
  return {
    environment,
    cold,
    dispose: async () => {
      if (pool === undefined) await worker.disposeContext(context);
    },
  };
}

async function openContext(cellar: Client, worker: AnyWorker): Promise<object> {
  const context = await worker.openContext(cellar.settings, cellar);
  // Handlers get it merged with the task context, which would lose what a class instance inherits.
  const prototype: unknown = Object.getPrototypeOf(context);
  if (prototype !== null && Object.getPrototypeOf(prototype) !== null) {
    throw new CellarError(
      'discovery',
      `the context of the worker of ${worker.queue} is an instance of a class, allowed: a plain object`,
    );
  }
  const taken = RESERVED_NAMES.filter((name) => name in context);
  if (taken.length > 0) {
    throw new CellarError(
      'discovery',
      `the context of the worker of ${worker.queue} has ${taken.join(', ')}, which every task context has`,
    );
  }
  return context;
}

/** @throws CellarError `unknown-queue` */
export function declaredQueue(topology: Topology, queue: string): Topology['queues'][string] {
  const declared = topology.queues[queue];
  if (declared === undefined) {
    throw new CellarError(
      'unknown-queue',
      `a worker takes from the queue ${queue}, allowed: ${Object.keys(topology.queues).join(', ')}`,
    );
  }
  return declared;
}
