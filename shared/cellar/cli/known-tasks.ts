/** The contracts of an application by name: those its workers handle, and those it only sends. */
import type { App } from '../app.ts';
import type { AnyTask } from '../task.ts';
import { discover } from '../worker/discover.ts';

/** @throws CellarError as `discover` */
export async function knownTasks({
  contracts = [],
  workersFolder,
  topology,
}: App): Promise<ReadonlyMap<string, AnyTask>> {
  const queues = workersFolder === undefined ? [] : [...(await discover(workersFolder, topology)).values()];
  const handled = queues.flatMap(({ handlers }) => [...handlers.values()].map(({ contract }) => contract));
  return new Map([...handled, ...contracts].map((contract) => [contract.name, contract]));
}
