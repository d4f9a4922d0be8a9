import { errorOfProblems } from '../errors.ts';
import type { Topology } from '../topology.ts';

/** A topology without anything in it. */
export const emptyTopology: Topology = { exchanges: {}, queues: {}, bindings: [], schedules: {} };

/**
 * What exists after `added` is declared beside `existing`: nothing is taken away, settings of queues are the newest.
 * @throws CellarError `declare-conflict` when an exchange exists with another type
 */
export function mergeTopology(existing: Topology, added: Topology): Topology {
  const problems = Object.entries(added.exchanges).flatMap(([name, { type }]) => {
    const other = existing.exchanges[name]?.type;
    return other === undefined || other === type ? [] : [exchangeConflict(name, type, other)];
  });
  if (problems.length > 0) throw errorOfProblems('declare-conflict', 'the topology cannot be declared', problems);
  const bindings = new Map(
    [...existing.bindings, ...added.bindings].map((binding) => [JSON.stringify(binding), binding]),
  );
  return {
    exchanges: { ...existing.exchanges, ...added.exchanges },
    queues: { ...existing.queues, ...added.queues },
    bindings: [...bindings.values()],
    schedules: { ...existing.schedules, ...added.schedules },
  };
}

/** The sentence for an exchange that exists with another type. */
export function exchangeConflict(name: string, wanted: string, existing: string): string {
  return `exchange '${name}' is declared as ${wanted} but exists as ${existing}`;
}
