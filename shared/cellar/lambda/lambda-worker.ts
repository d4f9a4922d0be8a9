/** The whole of a worker's Lambda function: what a generated entry file calls. */
import type { Client } from '../client.ts';
import { CellarError } from '../errors.ts';
import { openClient } from '../open-client.ts';
import type { Topology } from '../topology.ts';
import { registryOf } from '../worker/registry.ts';
import type { BoundHandler } from '../worker.ts';
import { loadRest } from './function-backend.ts';
import { type SqsHandler, sqsHandler } from './sqs-handler.ts';

export interface LambdaWorkerOptions {
  readonly topology: Topology;
  /** The handlers of one queue's folder. */
  readonly handlers: readonly BoundHandler[];
  /** Opens the client, once per cold start. @default from the environment's `CELLAR_*` variables */
  readonly open?: () => Promise<Client>;
}

/**
 * Makes the function of one queue: `export const handler = lambdaWorker({ topology, handlers: [sendMail] })`.
 * @throws CellarError `discovery` when the handlers are not those of one queue; `duplicate-handler`
 */
export function lambdaWorker({ topology, handlers, open }: LambdaWorkerOptions): SqsHandler {
  const registry = registryOf(handlers.map((handler, index) => ({ handler, source: `handler ${index + 1}` })));
  const [only, ...others] = registry.values();
  if (only === undefined || others.length > 0) {
    const queues = [...registry.keys()].join(', ') || 'none';
    throw new CellarError('discovery', `a function has handlers of the queues ${queues}, allowed: of one queue`);
  }
  if (open !== undefined) return sqsHandler(only, open);
  // Its fault is told by the call that needs it.
  if (handlers.some(storesResults)) loadRest().catch(() => undefined);
  return sqsHandler(only, () => openClient({ topology }));
}

/** Whether it will surely need what is loaded later: a function starts with more computing power than its calls have. */
function storesResults({ contract }: BoundHandler): boolean {
  return contract.options.ignoreResult !== true || contract.options.once === true;
}
