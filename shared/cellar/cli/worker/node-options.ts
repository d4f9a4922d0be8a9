import type { NodeOptions } from '../../control/start-node.ts';
import type { TaskPool } from '../../worker/pool.ts';
import type { Handlers } from './handlers-of.ts';
import type { WorkerFlags } from './worker-flags.ts';

/** What the switches say of the node. */
export function nodeOptions(
  { hostname, concurrency, autoscale, taskEvents, withoutHeartbeat, withoutMingle }: WorkerFlags,
  { available, queues }: Handlers,
  pool: TaskPool | undefined,
): NodeOptions {
  return {
    available,
    queues,
    sendsTaskEvents: taskEvents,
    hasHeartbeat: !withoutHeartbeat,
    mingles: !withoutMingle,
    ...(hostname === undefined ? undefined : { name: hostname }),
    ...(concurrency === undefined ? undefined : { concurrency }),
    ...(autoscale === undefined ? undefined : { autoscale }),
    ...(pool === undefined ? undefined : { pool }),
  };
}
