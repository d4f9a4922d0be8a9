/** Which messages of an exchange reach which queues, with exchange-to-exchange bindings followed to their ends. */
import type { BindingDeclaration, Topology } from '../../topology.ts';
import { bindingClauses } from '../filter-policy/binding-clauses.ts';
import { addAlternative, both, type Clause, everything } from '../filter-policy/clause.ts';

/** What an exchange leads to. */
export interface Reach {
  /** In the order in which queues are declared; a queue that nothing can reach is not there. */
  readonly queues: ReadonlyMap<string, readonly Clause[]>;
  /** The exchange itself and those behind it. */
  readonly exchanges: ReadonlySet<string>;
}

interface Step {
  readonly exchange: string;
  readonly clause: Clause;
}

/** A message keeps its key and headers on its way, so one that would come to an exchange twice need not: cycles end. */
export function reachOf(topology: Topology, start: string): Reach {
  const bindings = compiledBindings(topology);
  const exchanges = new Map<string, Clause[]>([[start, [everything]]]);
  const queues = new Map<string, Clause[]>();
  const steps: Step[] = [{ exchange: start, clause: everything }];
  for (const { exchange, clause } of steps) {
    for (const { binding, clauses } of bindings.get(exchange) ?? []) {
      for (const own of clauses) {
        const next = both(clause, own);
        if (next === undefined) continue;
        const { queue, toExchange } = binding;
        if (queue !== undefined) addAlternative(listAt(queues, queue), next);
        else if (toExchange !== undefined && addAlternative(listAt(exchanges, toExchange), next))
          steps.push({ exchange: toExchange, clause: next });
      }
    }
  }
  const declared = Object.keys(topology.queues).flatMap((queue) => {
    const clauses = queues.get(queue);
    return clauses === undefined ? [] : [[queue, clauses] as const];
  });
  return { queues: new Map(declared), exchanges: new Set(exchanges.keys()) };
}

interface CompiledBinding {
  readonly binding: BindingDeclaration;
  readonly clauses: readonly Clause[];
}

function compiledBindings({ bindings, exchanges }: Topology): Map<string, readonly CompiledBinding[]> {
  const compiled = bindings.flatMap((binding, place) => {
    const type = exchanges[binding.exchange]?.type;
    return type === undefined ? [] : [{ binding, clauses: bindingClauses(type, binding, place) }];
  });
  return Map.groupBy(compiled, ({ binding }) => binding.exchange);
}

function listAt(lists: Map<string, Clause[]>, name: string): Clause[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}
