/** Whether a worker's tasks may run longer than the broker lets a message be held. */
import type { Cellar } from '../cellar.ts';
import { errorOfProblems } from '../errors.ts';
import type { QueueHandlers } from './registry.ts';

/**
 * Tasks without a hard limit are allowed, with a warning: most are short.
 * @throws CellarError `not-supported` naming each task whose hard limit is longer
 */
export function checkHold({ backend, settings, log }: Cellar, { worker, handlers }: QueueHandlers): void {
  const { maxHoldSeconds } = backend.broker.capabilities;
  if (maxHoldSeconds === undefined) return;
  const unlimited: string[] = [];
  const problems: string[] = [];
  for (const { contract } of handlers.values()) {
    const limit = contract.options.timeLimitSeconds ?? settings.taskTimeLimitSeconds;
    if (limit === undefined) {
      if (!contract.name.startsWith('celery.')) unlimited.push(contract.name);
    } else if (limit >= maxHoldSeconds)
      problems.push(`the time limit of ${contract.name} is ${limit} s, allowed: less than ${maxHoldSeconds} s`);
  }
  if (problems.length > 0)
    throw errorOfProblems('not-supported', `the broker takes back what is held longer (${worker.queue})`, problems);
  if (unlimited.length === 0) return;
  log.warn(`tasks without a time limit: the broker takes back what runs longer than ${maxHoldSeconds} s`, {
    queue: worker.queue,
    tasks: unlimited.slice(0, 5).join(','),
    count: unlimited.length,
  });
}
