import { CellarError } from '../errors.ts';
import type { ResultStore } from '../result-store.ts';
import type { QueueHandlers } from './registry.ts';

/** @throws CellarError `not-supported` for a task marked `once` where the store grants no claims */
export function checkClaims({ handlers }: QueueHandlers, { refusesClaims }: ResultStore): void {
  if (refusesClaims === undefined) return;
  const marked = [...handlers.values()].find(({ contract }) => contract.options.once === true);
  if (marked === undefined) return;
  throw new CellarError('not-supported', `the task ${marked.contract.name} is marked once: ${refusesClaims}`);
}
