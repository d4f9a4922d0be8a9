import type { Headers } from '../broker.ts';
import { CellarError } from '../errors.ts';
import { didYouMean } from '../nearest.ts';
import type { Topology } from '../topology.ts';
import { type Destination, type RoutedMessage, type RoutingIndex, routingIndex } from './routing-index.ts';

/** What a message is routed by. */
export interface RouteOptions {
  readonly routingKey: string;
  /** Tested by headers exchanges; `CC` and `BCC` (arrays of strings) are further routing keys. @default none */
  readonly headers?: Headers;
}

const noHeaders: Headers = {};

/**
 * The queues that a message published to `exchange` reaches, in the order in which they are declared, each once.
 *
 * Pure; the rules are RabbitMQ's. `''` is the default exchange: the routing key names the queue. An exchange
 * where no binding matches hands on to its alternate. An empty answer is what `mandatory` refuses.
 *
 * @throws CellarError `unknown-exchange`; `bad-arguments` where CC or BCC is no array of strings (RabbitMQ's 406)
 */
export function route(
  topology: Topology,
  exchange: string,
  { routingKey, headers = noHeaders }: RouteOptions,
): readonly string[] {
  const index = routingIndex(topology);
  const message = { keys: routingKeys(routingKey, headers), headers };
  const queues = exchange === '' ? queuesNamed(index, message.keys) : queuesBound(index, exchange, message);
  return queues.map((queue) => index.queueNames[queue] ?? '');
}

function routingKeys(routingKey: string, headers: Headers): readonly string[] {
  if (headers.CC === undefined && headers.BCC === undefined) return [routingKey];
  return [routingKey, ...furtherKeys(headers, 'CC'), ...furtherKeys(headers, 'BCC')];
}

function furtherKeys(headers: Headers, name: 'CC' | 'BCC'): readonly string[] {
  const keys = headers[name] === undefined ? [] : headers[name];
  if (Array.isArray(keys) && keys.every((key) => typeof key === 'string')) return keys;
  throw new CellarError('bad-arguments', `header ${name} is ${JSON.stringify(keys)}, allowed: an array of strings`);
}

function queuesNamed({ queues }: RoutingIndex, keys: readonly string[]): readonly Destination[] {
  const named: Destination[] = [];
  for (const key of keys) {
    const queue = queues.get(key);
    if (queue !== undefined) insertInOrder(named, queue);
  }
  return named;
}

/** Walks from exchange to exchange, each once, so that cycles end. */
function queuesBound(index: RoutingIndex, start: string, message: RoutedMessage): readonly Destination[] {
  const first = index.exchanges.get(start);
  if (first === undefined) throw unknownExchange(index, start);
  const queues: Destination[] = [];
  const exchanges = [first];
  for (const exchange of exchanges) {
    for (const destination of matchExchange(index, exchange, message)) {
      if (destination < index.queueNames.length) insertInOrder(queues, destination);
      else if (!exchanges.includes(destination)) exchanges.push(destination);
    }
  }
  return queues;
}

function matchExchange(index: RoutingIndex, number: Destination, message: RoutedMessage): readonly Destination[] {
  const exchange = index.exchangeIndexes[number - index.queueNames.length];
  const found: Destination[] = [];
  exchange?.match(message, found);
  if (found.length === 0 && exchange?.alternate !== undefined) found.push(exchange.alternate);
  return found;
}

/** Keeps the list sorted and free of duplicates; for the few queues of a message quicker than a Set and `sort`. */
function insertInOrder(queues: Destination[], queue: Destination): void {
  let place = queues.length;
  while (place > 0 && (queues[place - 1] ?? 0) > queue) place -= 1;
  if (place > 0 && queues[place - 1] === queue) return;
  queues.push(queue);
  for (let last = queues.length - 1; last > place; last -= 1) queues[last] = queues[last - 1] ?? queue;
  queues[place] = queue;
}

function unknownExchange({ exchanges }: RoutingIndex, name: string): CellarError {
  const names = [...exchanges.keys()];
  const declared = names.length === 0 ? 'none' : names.join(', ');
  return new CellarError(
    'unknown-exchange',
    `unknown exchange '${name}'${didYouMean(name, names)}, declared: ${declared}`,
  );
}
