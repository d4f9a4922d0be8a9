import { CellarError } from '../../errors.ts';
import { discover } from '../../worker/discover.ts';
import type { QueueHandlers } from '../../worker/registry.ts';
import { knownQueue } from '../known-queue.ts';
import type { OpenApp } from '../with-cellar.ts';
import type { WorkerFlags } from './worker-flags.ts';

export interface Handlers {
  /** All that the application has, by queue. */
  readonly available: ReadonlyMap<string, QueueHandlers>;
  /** The queues that are taken from. */
  readonly queues: readonly string[];
}

/**
 * The application's handlers, and the queues that `--queues` and `--exclude-queues` leave.
 * @throws CellarError `discovery`, `unknown-queue`; `bad-arguments` when none is left
 */
export async function handlersOf(
  { app, cellar }: OpenApp,
  { queues, excludeQueues }: Pick<WorkerFlags, 'queues' | 'excludeQueues'>,
): Promise<Handlers> {
  if (app.workersFolder === undefined) {
    throw new CellarError('discovery', 'the application has no workersFolder, so there is nothing to run');
  }
  const known = (names: readonly string[] | undefined) => names?.map((name) => knownQueue(cellar.topology, name));
  const [only, without] = [known(queues), known(excludeQueues) ?? []];
  const available = await discover(app.workersFolder, cellar.topology);
  const all = [...available.keys()];
  const left = all.filter((queue) => (only === undefined || only.includes(queue)) && !without.includes(queue));
  if (left.length > 0) return { available, queues: left };
  throw new CellarError('bad-arguments', `no queue is left to take from, allowed: one or more of ${all.join(', ')}`);
}
