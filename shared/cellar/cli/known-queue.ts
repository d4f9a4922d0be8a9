import { CellarError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { Topology } from '../topology.ts';

/**
 * Answers a queue's name when the topology has it.
 * @throws CellarError `unknown-queue` with a near miss
 */
export function knownQueue(topology: Topology, name: string): string {
  if (topology.queues[name] !== undefined) return name;
  const names = Object.keys(topology.queues);
  throw new CellarError(
    'unknown-queue',
    `unknown queue '${name}'${didYouMean(name, names)}, allowed: ${names.join(', ')}`,
  );
}
