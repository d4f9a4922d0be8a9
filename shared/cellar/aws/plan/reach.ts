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
  /** False where there were more than `MOST_WAYS` ways to other exchanges, and not all were followed. */
  readonly isComplete: boolean;
}

/** Ways multiply with each exchange between; those that one policy could hold are far fewer. */
export const MOST_WAYS = 2_000;

/** A way that was followed up to an exchange. */
interface Way {
  readonly exchange: string;
  readonly clause: Clause;
}

/** A message keeps its key and headers on its way, so one that would come to an exchange twice need not: cycles end. */
export function reachOf(topology: Topology, start: string): Reach {
  const bindings = compiledBindings(topology);
  const exchanges = new Map<string, Clause[]>([[start, [everything]]]);
  const queues = new Map<string, Clause[]>();
  const ways: Way[] = [{ exchange: start, clause: everything }];
  for (const way of ways) {
    if (ways.length > MOST_WAYS) break;
    for (const { binding, clause } of onward(way, bindings.get(way.exchange) ?? [])) {
      const { queue, toExchange: exchange = '' } = binding;
      if (queue !== undefined) addAlternative(listAt(queues, queue), clause);
      else if (addAlternative(listAt(exchanges, exchange), clause)) ways.push({ exchange, clause });
    }
  }
  const isComplete = ways.length <= MOST_WAYS;
  return { queues: inOrder(topology, queues), exchanges: new Set(exchanges.keys()), isComplete };
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

/** What passes both the way so far and each alternative of each binding. */
function onward({ clause }: Way, bindings: readonly CompiledBinding[]) {
  return bindings.flatMap(({ binding, clauses }) =>
    clauses
      .map((own) => both(clause, own))
      .filter((next) => next !== undefined)
      .map((next) => ({ binding, clause: next })),
  );
}

function listAt(lists: Map<string, Clause[]>, name: string): Clause[] {
  const list = lists.get(name) ?? [];
  lists.set(name, list);
  return list;
}

function inOrder({ queues }: Topology, found: ReadonlyMap<string, readonly Clause[]>): Reach['queues'] {
  return new Map(
    Object.keys(queues).flatMap((queue) => {
      const clauses = found.get(queue);
      return clauses === undefined ? [] : [[queue, clauses]];
    }),
  );
}
