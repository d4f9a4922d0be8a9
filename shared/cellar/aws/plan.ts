/**
 * The topology as AWS has it: exchanges become SNS FIFO topics, bindings filter policies, queues SQS FIFO queues.
 * Pure. The same plan makes the stacks at deploy time and tells the publisher at run time what to put on a message.
 */
import type { Headers } from '../broker.ts';
import { errorOfProblems } from '../errors.ts';
import type { Topology } from '../topology.ts';
import type { MessageAttribute } from './calls.ts';
import { attributeReader, type Subject, wordsOf } from './filter-policy/attribute.ts';
import { prefixProblem } from './location.ts';
import { type QueuePlan, queueNameProblems, queuePlans } from './plan/queues.ts';
import { type SubscriptionPlan, type TopicPlan, topicsPlan } from './plan/topics.ts';

export type { FilterPolicy } from './filter-policy/filter-policy.ts';
export type { QueuePlan } from './plan/queues.ts';
export type { SubscriptionPlan, TopicPlan } from './plan/topics.ts';

/** Everything that the topology needs on AWS, as data. */
export interface AwsPlan {
  readonly queues: readonly QueuePlan[];
  readonly topics: readonly TopicPlan[];
  /** Exactly one per topic and queue. */
  readonly subscriptions: readonly SubscriptionPlan[];
}

/**
 * Plans an application's queues, topics and subscriptions.
 * @param prefix what all names begin with, as in {@link AwsLocation}
 * @throws CellarError `bad-topology` with everything that AWS cannot do or would refuse
 */
export function planAws(topology: Topology, prefix: string): AwsPlan {
  const badPrefix = prefixProblem(prefix);
  if (badPrefix !== undefined) throw errorOfProblems('bad-topology', 'the topology does not fit AWS', [badPrefix]);
  const queues = queuePlans(topology, prefix);
  const { topics, subscriptions, problems } = topicsPlan(topology, prefix);
  const all = [...queueNameProblems(queues), ...problems];
  if (all.length > 0) throw errorOfProblems('bad-topology', 'the topology does not fit AWS', all);
  return { queues, topics, subscriptions };
}

/** What decides where a message goes. */
export interface PlannedMessage {
  readonly exchange: string;
  readonly headers: Headers;
}

/**
 * Whether the publisher routes this message by itself and sends a copy to each queue (`route` says which): its
 * exchange is no topic (the default one, `via: 'publisher'`, one that leads nowhere or is unknown), or it has further
 * routing keys (CC, BCC), which attributes with one value each cannot say.
 */
export function mustRoute(plan: AwsPlan, { exchange, headers }: PlannedMessage): boolean {
  return headers['CC'] !== undefined || headers['BCC'] !== undefined || !indexOf(plan).readers.has(exchange);
}

/** The attributes of a message to a topic, by which its subscriptions choose; none where the exchange is no topic. */
export function attributesFor(
  plan: AwsPlan,
  exchange: string,
  { routingKey, headers }: { readonly routingKey: string; readonly headers: Headers },
): Readonly<Record<string, MessageAttribute>> {
  const subject = { words: wordsOf(routingKey), headers };
  const attributes: Record<string, MessageAttribute> = {};
  for (const [name, read] of indexOf(plan).readers.get(exchange) ?? []) {
    const attribute = read(subject);
    if (attribute !== undefined) attributes[name] = attribute;
  }
  return attributes;
}

/** Whether a copy that came through the exchange may be one too many: `route` then says whether the queue was meant. */
export function needsRecheck(plan: AwsPlan, exchange: string, queue: string): boolean {
  return indexOf(plan).rechecked.get(exchange)?.has(queue) ?? false;
}

type Reader = (subject: Subject) => MessageAttribute | undefined;

/** A plan compiled for look-ups. */
interface PlanIndex {
  /** Exchange → name and reader of each attribute. */
  readonly readers: ReadonlyMap<string, readonly (readonly [string, Reader])[]>;
  /** Exchange → queues. */
  readonly rechecked: ReadonlyMap<string, ReadonlySet<string>>;
}

const compiled = new WeakMap<AwsPlan, PlanIndex>();

function indexOf(plan: AwsPlan): PlanIndex {
  const known = compiled.get(plan);
  if (known !== undefined) return known;
  const readers = plan.topics.map(
    ({ exchange, attributes }) =>
      [exchange, attributes.map(({ name, source }) => [name, attributeReader(source)] as const)] as const,
  );
  const rechecked = Map.groupBy(
    plan.subscriptions.filter(({ recheck }) => recheck),
    ({ exchange }) => exchange,
  );
  const index = {
    readers: new Map(readers),
    rechecked: new Map([...rechecked].map(([exchange, each]) => [exchange, new Set(each.map(({ queue }) => queue))])),
  };
  compiled.set(plan, index);
  return index;
}
