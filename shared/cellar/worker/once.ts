/** Tasks marked `once`: one run at a time for each attempt, guarded by a claim in the result store. */
import type { Delivery } from '../broker.ts';
import { describeError } from '../exception.ts';
import { generationOf } from '../message.ts';
import type { BoundHandler } from '../worker.ts';
import { type Execution, limitsOf, taskIdOf, type WorkerEnvironment } from './execution.ts';
import type { Outcome } from './outcome.ts';

/** How long a claim holds where a task has no hard limit, in seconds. */
const DEFAULT_LEASE_SECONDS = 900;
/** What a lease adds to the hard limit, in seconds: the settlement comes after the run. */
const LEASE_MARGIN_SECONDS = 30;

/** Claims this run; answers why it must not go on, if so. */
export async function claimRun(execution: Execution, handler: BoundHandler): Promise<Outcome | undefined> {
  const { id, retries, generation, delivery, environment } = execution;
  const { hardSeconds } = limitsOf(execution, handler);
  const lease = hardSeconds === null ? DEFAULT_LEASE_SECONDS : hardSeconds + LEASE_MARGIN_SECONDS;
  const owner = ownerOf(delivery, environment);
  const found = await environment.results.claim({ id, retries, generation }, owner, lease);
  switch (found.kind) {
    case 'claimed':
      return undefined;
    case 'running':
      return { kind: 'running-elsewhere', untilMs: found.untilMs };
    case 'done':
      return { kind: 'done-before', result: found.result };
  }
}

/** Gives up the claims of runs that came to no effect, so that the next run need not wait for their leases. Never rejects. */
export async function unclaimRuns(deliveries: readonly Delivery[], environment: WorkerEnvironment): Promise<void> {
  for (const delivery of deliveries) {
    const { headers } = delivery.message;
    const handler = environment.handlers.get(String(headers.task));
    if (handler?.contract.options.once !== true) continue;
    const retries = typeof headers.retries === 'number' ? headers.retries : 0;
    const key = { id: taskIdOf(delivery), retries, generation: generationOf(headers) };
    try {
      await environment.results.unclaim([key], ownerOf(delivery, environment));
    } catch (error) {
      environment.log.warn(`a claim is kept until its lease ends: ${describeError(error)}`, { id: key.id });
    }
  }
}

function ownerOf({ receipt }: Delivery, { workerName }: WorkerEnvironment): string {
  return `${workerName}:${receipt}`;
}
