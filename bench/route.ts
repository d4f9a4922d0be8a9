/** Prints how long one call of `route` takes, in nanoseconds: `node bench/route.ts [--json]`. */
import { performance } from 'node:perf_hooks';
import { type RouteOptions, route } from '../shared/cellar/routing/route.ts';
import { type BindingDeclaration, type ExchangeType, topology } from '../shared/cellar/topology.ts';

const BINDINGS = 1_000;
const ROUNDS = 9;
const ROUND_MS = 60;

const subjects = ['order', 'payment', 'invoice', 'mail', 'stock'];
const events = ['created', 'paid', 'shipped', 'failed', 'returned', 'changed'];

const pick = (words: readonly string[], index: number): string => words[index % words.length] ?? '';
const region = (index: number): string => `region${index % 20}`;

/** The routing key of a shop; ten bindings stand around each. */
const shopKey = (shop: number): string => `${region(shop)}.${pick(subjects, shop)}.${pick(events, shop)}.shop${shop}`;

/** 70 % literal, 20 % with `*`, 10 % with `#`; six or seven of a shop's ten match its key. */
function topicKey(index: number): string {
  const shop = Math.floor(index / 10);
  const place = index % 10;
  if (place < 4) return shopKey(shop);
  if (place < 7) return `${region(shop)}.${pick(subjects, shop)}.${pick(events, shop + place)}.shop${shop}`;
  if (place === 7) return `${region(shop)}.*.${pick(events, shop)}.shop${shop}`;
  if (place === 8) return `*.${pick(subjects, shop)}.*.shop${shop}`;
  return shop % 2 === 0 ? `${region(shop)}.#.shop${shop}` : `#.shop${shop}`;
}

const headersWanted = (index: number): Readonly<Record<string, unknown>> =>
  index % 4 === 0
    ? { 'x-match': 'any', shop: `shop${index}`, campaign: `campaign${index}` }
    : { 'x-match': 'all', shop: `shop${index}`, region: region(index) };

const bindingOf: Readonly<Record<'topic' | 'direct' | 'headers', (index: number) => object>> = {
  topic: (index) => ({ key: topicKey(index) }),
  direct: (index) => ({ key: `shop${index}` }),
  headers: (index) => ({ arguments: headersWanted(index) }),
};

function measured(type: keyof typeof bindingOf, messages: readonly RouteOptions[]) {
  const exchanges: Readonly<Record<string, { type: ExchangeType }>> = { events: { type } };
  const names = Array.from({ length: BINDINGS }, (_, index) => `queue${index}`);
  const bindings = names.map(
    (queue, index): BindingDeclaration => ({ exchange: 'events', queue, ...bindingOf[type](index) }),
  );
  const shop = topology({ exchanges, queues: Object.fromEntries(names.map((name) => [name, {}])), bindings });
  const matches = messages.map((message) => route(shop, 'events', message).length);
  const call = (count: number) => route(shop, 'events', messages[count % messages.length] ?? { routingKey: '' });
  nanosecondsPerCall(call); // warms up
  const rounds = Array.from({ length: ROUNDS }, () => nanosecondsPerCall(call)).sort((left, right) => left - right);
  return {
    exchange: type,
    bindings: BINDINGS,
    matchesMost: Math.max(...matches),
    matchesMean: matches.reduce((sum, count) => sum + count, 0) / matches.length,
    nsPerCall: Math.round(rounds[Math.floor(ROUNDS / 2)] ?? 0),
    nsPerCallBestRound: Math.round(rounds[0] ?? 0),
    nsPerCallWorstRound: Math.round(rounds.at(-1) ?? 0),
  };
}

/** Calls in blocks until the round's time is over, so that reading the clock does not count. */
function nanosecondsPerCall(work: (call: number) => unknown): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < ROUND_MS) {
    for (let block = 0; block < 1_000; block += 1) work(calls + block);
    calls += 1_000;
  }
  return ((performance.now() - start) * 1e6) / calls;
}

const shops = Array.from({ length: 100 }, (_, index) => (index * 7) % 100);
const headersMessages = shops.map((index) => ({
  routingKey: '',
  headers: { id: index, task: 'orders.paid', retries: 0, shop: `shop${index}`, region: region(index) },
}));

const figures = [
  measured(
    'topic',
    shops.map((shop) => ({ routingKey: shopKey(shop) })),
  ),
  measured(
    'direct',
    shops.map((shop) => ({ routingKey: `shop${shop}` })),
  ),
  measured('headers', headersMessages),
];

if (process.argv.includes('--json')) console.log(JSON.stringify(figures));
else console.table(figures);
