/** Opens the pool that a worker was told to use. */
import type { Client } from '../../client.ts';
import type { TaskPool } from '../pool.ts';
import { asyncPool } from './async-pool.ts';
import type { StartLink } from './child-link.ts';
import { ChildPool } from './child-pool.ts';
import type { ChildStart } from './child-protocol.ts';
import { startProcess } from './start-process.ts';
import { startThread } from './start-thread.ts';

export const POOLS = ['async', 'threads', 'processes'] as const;
export type PoolKind = (typeof POOLS)[number];

export interface OpenPoolOptions {
  readonly kind: PoolKind;
  /** Path of the module that exports the application: each child loads it. */
  readonly appPath: string;
  readonly queues: readonly string[];
  /** How many children, each of which runs one task at a time. */
  readonly size: number;
  readonly maxTasksPerChild?: number | undefined;
  readonly maxMemoryBytesPerChild?: number | undefined;
}

const STARTERS: Readonly<Record<Exclude<PoolKind, 'async'>, StartLink>> = {
  threads: startThread,
  processes: startProcess,
};

/** @throws CellarError what keeps a child from running tasks: `discovery`, or what a context throws */
export async function openPool(cellar: Client, { kind, ...options }: OpenPoolOptions): Promise<TaskPool> {
  if (kind === 'async') return asyncPool();
  const { backend, runtime, log } = cellar;
  return ChildPool.open({
    ...options,
    name: kind,
    startLink: STARTERS[kind],
    start: startOf(cellar, options),
    calls: {
      publish: (messages) => backend.broker.publish(messages),
      store: (updates) => backend.results.store(updates),
    },
    runtime,
    log,
  });
}

function startOf({ settings, backend }: Client, options: Omit<OpenPoolOptions, 'kind'>): ChildStart {
  const { maxUpdateBytes, expiresSeconds } = backend.results;
  return {
    appPath: options.appPath,
    settings,
    queues: options.queues,
    capabilities: backend.broker.capabilities,
    resultExpiresSeconds: expiresSeconds,
    ...(maxUpdateBytes === undefined ? undefined : { maxUpdateBytes }),
    has: { transaction: backend.transaction !== undefined, chords: backend.chords !== undefined },
    measuresMemory: options.maxMemoryBytesPerChild !== undefined,
  };
}
