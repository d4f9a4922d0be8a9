/** The routing vectors of other brokers (test/vectors), each set as one exchange over queues that all sets share. */
import { readFileSync } from 'node:fs';
import type { Headers } from '../../shared/cellar/broker.ts';
import { type BindingDeclaration, type ExchangeType, type Topology, topology } from '../../shared/cellar/topology.ts';

interface StoredSet {
  readonly id: string;
  readonly exchange_type?: ExchangeType;
  readonly bindings: readonly { readonly queue: string; readonly key: string; readonly args?: Headers }[];
  readonly cases: readonly {
    readonly routing_key: string;
    readonly headers?: Headers | null;
    readonly expect: readonly string[];
  }[];
}

export interface VectorSet {
  /** Where it is from. */
  readonly id: string;
  readonly exchange: string;
  readonly shop: Topology;
  readonly cases: readonly {
    /** Unlike that of any other case. */
    readonly id: string;
    readonly routingKey: string;
    readonly headers: Headers;
    /** Sorted. */
    readonly queues: readonly string[];
  }[];
}

/** All sets of one type of exchange. */
export function vectorsOf(type: ExchangeType): readonly VectorSet[] {
  const file = type === 'topic' ? 'topic.json' : 'exchange.json';
  const stored: { readonly sets: readonly StoredSet[] } = JSON.parse(
    readFileSync(new URL(`../vectors/${file}`, import.meta.url), 'utf8'),
  );
  return stored.sets.filter(({ exchange_type = 'topic' }) => exchange_type === type).map(vectorSet);
}

/** The vectors name queues as they like and bind some twice. */
function vectorSet({ id, exchange_type: type = 'topic', bindings, cases }: StoredSet, place: number): VectorSet {
  const exchange = `vectors-${type}-${place}`;
  const names = [...new Set(bindings.map(({ queue }) => queue))];
  const alias = (name: string): string => `q${names.indexOf(name)}`;
  const declared = bindings.map(({ queue, key, args = {} }): BindingDeclaration => {
    const binding = { exchange, queue: alias(queue), key };
    return type === 'headers' ? { ...binding, arguments: args } : binding;
  });
  return {
    id,
    exchange,
    shop: topology({
      exchanges: { [exchange]: { type } },
      queues: Object.fromEntries(names.map((name) => [alias(name), {}])),
      bindings: [...new Map(declared.map((binding) => [JSON.stringify(binding), binding])).values()],
    }),
    cases: cases.map(({ routing_key: routingKey, headers, expect }, number) => ({
      id: `${type}-${place}-${number}`,
      routingKey,
      headers: headers ?? {},
      queues: expect.map(alias).toSorted(),
    })),
  };
}
