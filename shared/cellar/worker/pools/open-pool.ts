/** Opens the pool that a worker was told to use. */
import type { Backend } from '../../backend.ts';
import type { Client } from '../../client.ts';
import type { WorkerPool } from '../../settings.ts';
import type { TaskPool } from '../pool.ts';
import { asyncPool } from './async-pool.ts';
import type { StartLink } from './child-link.ts';
import { ChildPool } from './child-pool.ts';
import type { ChildStart, ParentCall } from './child-protocol.ts';
import { startProcess } from './start-process.ts';
import { startThread } from './start-thread.ts';

export interface OpenPoolOptions {
  readonly kind: WorkerPool;
  /** Path of the module that exports the application: each child loads it. */
  readonly appPath: string;
  readonly queues: readonly string[];
  /** How many children, each of which runs one task at a time. */
  readonly size: number;
  readonly maxTasksPerChild?: number | undefined;
  readonly maxMemoryBytesPerChild?: number | undefined;
}

const STARTERS: Readonly<Record<Exclude<WorkerPool, 'async'>, StartLink>> = {
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
    answer: (call) => answerCall(backend, call),
    runtime,
    log,
  });
}

/** @throws what the broker or store throws */
async function answerCall({ broker, results }: Backend, call: ParentCall): Promise<unknown> {
  if (call.port === 'publish') return broker.publish(call.messages);
  const method = results[call.method];
  if (typeof method !== 'function') throw new TypeError(`no method ${call.method} in the result store`);
  const answer: unknown = await Reflect.apply(method, results, call.args);
  if (answer instanceof Set) return [...answer];
  // Nothing in a list is null, which JSON has.
  return Array.isArray(answer) ? answer.map((item: unknown) => item ?? null) : answer;
}

function startOf({ settings, backend }: Client, options: Omit<OpenPoolOptions, 'kind'>): ChildStart {
  const { expiresSeconds, maxUpdateBytes, replyTo, refusesClaims } = backend.results;
  return {
    appPath: options.appPath,
    settings,
    queues: options.queues,
    capabilities: backend.broker.capabilities,
    results: {
      expiresSeconds,
      ...(maxUpdateBytes === undefined ? undefined : { maxUpdateBytes }),
      ...(replyTo === undefined ? undefined : { replyTo }),
      ...(refusesClaims === undefined ? undefined : { refusesClaims }),
    },
    has: { transaction: backend.transaction !== undefined, chords: backend.chords !== undefined },
    measuresMemory: options.maxMemoryBytesPerChild !== undefined,
  };
}
