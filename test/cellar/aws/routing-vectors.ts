/** The routing vectors of other brokers, as topologies with a plan each. */
import { readFileSync } from 'node:fs';
import { type AwsPlan, planAws } from '../../../shared/cellar/aws/plan.ts';
import type { Headers } from '../../../shared/cellar/broker.ts';
import { CellarError } from '../../../shared/cellar/errors.ts';
import { type ExchangeType, type Topology, topology } from '../../../shared/cellar/topology.ts';

interface VectorSet {
  readonly id: string;
  readonly exchange_type?: ExchangeType;
  readonly bindings: readonly { queue: string; key: string; args?: Headers }[];
  readonly cases: readonly { routing_key: string; headers?: Headers | null }[];
}

export interface PlannedSet {
  readonly id: string;
  readonly shop: Topology;
  /** Absent where SNS cannot hold the bindings; `problems` then say why. */
  readonly plan?: AwsPlan;
  readonly problems: readonly string[];
  readonly cases: readonly { readonly exchange: string; readonly routingKey: string; readonly headers: Headers }[];
}

const EXCHANGE = 'events';

/** All sets of a file; the names of one set's queues and topics begin with `v` and its number, counted from `first`. */
export function plannedSets(file: 'topic.json' | 'exchange.json', first: number): readonly PlannedSet[] {
  const text = readFileSync(new URL(`../../vectors/${file}`, import.meta.url), 'utf8');
  const { sets }: { sets: readonly VectorSet[] } = JSON.parse(text);
  return sets.map((set, place) => {
    const shop = declared(set);
    const cases = set.cases.map(({ routing_key: routingKey, headers }) => ({
      exchange: EXCHANGE,
      routingKey,
      headers: headers ?? {},
    }));
    return { id: set.id, shop, cases, ...planned(shop, `v${first + place}`) };
  });
}

function planned(shop: Topology, prefix: string): Pick<PlannedSet, 'plan' | 'problems'> {
  try {
    return { plan: planAws(shop, prefix), problems: [] };
  } catch (error) {
    if (error instanceof CellarError && error.code === 'bad-topology') return { problems: error.problems };
    throw error;
  }
}

/** The vectors name queues as they like and bind some twice. */
function declared({ exchange_type: type = 'topic', bindings }: VectorSet): Topology {
  const names = [...new Set(bindings.map(({ queue }) => queue))];
  const declarations = bindings.map(({ queue, key, args = {} }) => {
    const binding = { exchange: EXCHANGE, queue: `q${names.indexOf(queue)}`, key };
    return type === 'headers' ? { ...binding, arguments: args } : binding;
  });
  const distinct = new Map(declarations.map((binding) => [JSON.stringify(binding), binding]));
  return topology({
    exchanges: { [EXCHANGE]: { type } },
    queues: Object.fromEntries(names.map((_, place) => [`q${place}`, {}])),
    bindings: [...distinct.values()],
  });
}
