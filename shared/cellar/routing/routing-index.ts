import type { Headers } from '../broker.ts';
import type { BindingDeclaration, ExchangeType, Topology } from '../topology.ts';
import { HeadersIndex } from './headers-index.ts';
import { TopicIndex } from './topic-index.ts';

/**
 * Where a binding leads, as a number: queues count from 0 in the order declared, exchanges from there on.
 * Numbers, because sorting the few that match as objects took longer than finding them.
 */
export type Destination = number;

/** What routing looks at. */
export interface RoutedMessage {
  /** The routing key and those of the CC and BCC headers. */
  readonly keys: readonly string[];
  readonly headers: Headers;
}

interface ExchangeIndex {
  /** Appends the destinations of all bindings that match to `found`; one perhaps several times. */
  match(message: RoutedMessage, found: Destination[]): void;
  /** Gets what no binding matched. */
  readonly alternate: Destination | undefined;
}

/** A topology compiled for lookups. */
export interface RoutingIndex {
  readonly queueNames: readonly string[];
  readonly queues: ReadonlyMap<string, Destination>;
  readonly exchanges: ReadonlyMap<string, Destination>;
  /** The exchange of destination `queueNames.length + n` is at `n`. */
  readonly exchangeIndexes: readonly ExchangeIndex[];
}

interface Bound {
  readonly binding: BindingDeclaration;
  readonly destination: Destination;
}

type Match = ExchangeIndex['match'];

function matchDirect(bounds: readonly Bound[]): Match {
  const byKey = Map.groupBy(bounds, ({ binding }) => binding.key ?? '');
  return ({ keys }, found) => {
    for (const key of keys) for (const { destination } of byKey.get(key) ?? []) found.push(destination);
  };
}

function matchFanout(bounds: readonly Bound[]): Match {
  return (_message, found) => {
    for (const { destination } of bounds) found.push(destination);
  };
}

function matchTopic(bounds: readonly Bound[]): Match {
  const index = new TopicIndex<Destination>();
  for (const { binding, destination } of bounds) index.add(binding.key ?? '', destination);
  return ({ keys }, found) => {
    for (const key of keys) index.match(key, found);
  };
}

function matchHeaders(bounds: readonly Bound[]): Match {
  const index = new HeadersIndex<Destination>();
  for (const { binding, destination } of bounds) index.add(binding.arguments ?? {}, destination);
  return ({ headers }, found) => index.match(headers, found);
}

const matchByType: Readonly<Record<ExchangeType, (bounds: readonly Bound[]) => Match>> = {
  direct: matchDirect,
  fanout: matchFanout,
  topic: matchTopic,
  headers: matchHeaders,
};

function numbered(names: readonly string[], first: number): Map<string, Destination> {
  return new Map(names.map((name, place) => [name, first + place]));
}

function compile({ exchanges, queues, bindings }: Topology): RoutingIndex {
  const queueNames = Object.keys(queues);
  const queueByName = numbered(queueNames, 0);
  const exchangeByName = numbered(Object.keys(exchanges), queueNames.length);
  const bounds = bindings.flatMap((binding): Bound[] => {
    const destination = queueByName.get(binding.queue ?? '') ?? exchangeByName.get(binding.toExchange ?? '');
    return destination === undefined ? [] : [{ binding, destination }];
  });
  // In the order of the queues, so that what matches is nearly in order too.
  bounds.sort((left, right) => left.destination - right.destination);
  const byExchange = Map.groupBy(bounds, ({ binding }) => binding.exchange);
  const exchangeIndexes = Object.entries(exchanges).map(([name, { type, alternate }]) => ({
    match: matchByType[type](byExchange.get(name) ?? []),
    alternate: exchangeByName.get(alternate ?? ''),
  }));
  return { queueNames, queues: queueByName, exchanges: exchangeByName, exchangeIndexes };
}

const compiled = new WeakMap<Topology, RoutingIndex>();

/** The index of a topology; compiled at the first call, kept as long as the topology is. */
export function routingIndex(topology: Topology): RoutingIndex {
  const known = compiled.get(topology);
  if (known !== undefined) return known;
  const index = compile(topology);
  compiled.set(topology, index);
  return index;
}
