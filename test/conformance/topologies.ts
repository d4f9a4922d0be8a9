import {
  type BindingDeclaration,
  type ExchangeDeclaration,
  type QueueDeclaration,
  type Topology,
  topology,
} from '../../shared/cellar/topology.ts';

/** Short enough to wait for where time is real, longer than a test takes to settle what it has on a busy machine. */
export const VISIBILITY_MS = 8000;

const queue = { visibilityTimeoutSeconds: VISIBILITY_MS / 1000 };

/** Queues of these names and nothing else. */
export function queuesOnly(...names: readonly string[]): Topology {
  return queuesWith({}, ...names);
}

/** Queues that keep the order of message groups on every broker that can. */
export function orderedQueues(...names: readonly string[]): Topology {
  return queuesWith({ ordered: true }, ...names);
}

/** Queues that are declared in one more way. */
export function queuesWith(declared: QueueDeclaration, ...names: readonly string[]): Topology {
  return topology({ queues: Object.fromEntries(names.map((name) => [name, { ...queue, ...declared }])) });
}

/** One exchange of each type, each bound in its own way to some of the queues mail, audit and stock. */
export const exchanges: Topology = topologyOf(
  ['mail', 'audit', 'stock'],
  {
    'tests.direct': { type: 'direct' },
    'tests.fanout': { type: 'fanout' },
    'tests.topic': { type: 'topic' },
    'tests.headers': { type: 'headers' },
    'tests.empty': { type: 'direct' },
    'tests.through': { type: 'topic' },
    'tests.rest': { type: 'fanout' },
    'tests.guarded': { type: 'direct', alternate: 'tests.rest', via: 'publisher' },
  },
  [
    { exchange: 'tests.direct', queue: 'mail', key: 'paid' },
    { exchange: 'tests.direct', queue: 'stock', key: 'packed' },
    { exchange: 'tests.fanout', queue: 'mail' },
    { exchange: 'tests.fanout', queue: 'audit' },
    { exchange: 'tests.topic', queue: 'mail', key: 'order.*.fr' },
    { exchange: 'tests.topic', queue: 'audit', key: 'order.#' },
    { exchange: 'tests.through', toExchange: 'tests.rest', key: '*.paid' },
    { exchange: 'tests.through', toExchange: 'tests.topic', key: 'order.#' },
    { exchange: 'tests.rest', queue: 'stock' },
    { exchange: 'tests.guarded', queue: 'mail', key: 'known' },
    { exchange: 'tests.headers', queue: 'stock', arguments: { 'x-match': 'all', country: 'fr', wine: null } },
  ],
);

/** The same exchange name with another type. */
export const conflicting: Topology = topologyOf([], { 'tests.direct': { type: 'fanout' } }, []);

function topologyOf(
  names: readonly string[],
  declared: Readonly<Record<string, ExchangeDeclaration>>,
  bindings: readonly BindingDeclaration[],
): Topology {
  return topology({
    exchanges: declared,
    queues: Object.fromEntries(names.map((name) => [name, queue])),
    bindings,
  });
}
