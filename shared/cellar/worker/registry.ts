/** Handlers by queue and task name: unique per pair, so that several queues may each handle a fan-out's task. */
import { errorOfProblems } from '../errors.ts';
import type { AnyWorker, BoundHandler } from '../worker.ts';

export interface QueueHandlers {
  readonly worker: AnyWorker;
  readonly handlers: ReadonlyMap<string, BoundHandler>;
}

/** A handler and where it was found, for messages about it. */
export interface FoundHandler {
  readonly handler: BoundHandler;
  readonly source: string;
}

/**
 * Groups handlers by their worker's queue.
 * @throws CellarError `duplicate-handler` naming both places of every pair that is there twice
 */
export function registryOf(found: readonly FoundHandler[]): ReadonlyMap<string, QueueHandlers> {
  const problems: string[] = [];
  const sources = new Map<string, string>();
  const queues = new Map<string, { worker: AnyWorker; handlers: Map<string, BoundHandler> }>();
  for (const { handler, source } of found) {
    const { contract, worker } = handler;
    const queue = queues.get(worker.queue) ?? { worker, handlers: new Map() };
    queues.set(worker.queue, queue);
    const key = `${worker.queue}\u0000${contract.name}`;
    const other = sources.get(key);
    if (other !== undefined)
      problems.push(`task ${contract.name} on queue ${worker.queue} has two handlers: ${other} and ${source}`);
    else if (queue.worker !== worker)
      problems.push(`queue ${worker.queue} has two workers, the second used in ${source}`);
    sources.set(key, source);
    queue.handlers.set(contract.name, handler);
  }
  if (problems.length > 0) throw errorOfProblems('duplicate-handler', 'handlers', problems);
  return queues;
}
