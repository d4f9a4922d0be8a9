import type { Topology } from '../../topology.ts';
import { type AttributeSource, attributeName } from '../filter-policy/attribute.ts';
import { type FilterPolicy, filterPolicy } from '../filter-policy/filter-policy.ts';
import { awsNames } from '../location.ts';
import { policyProblems, topicProblems } from './policy-problems.ts';
import { type Reach, reachOf } from './reach.ts';

/** An attribute that messages of a topic carry. */
export interface AttributePlan {
  readonly name: string;
  readonly source: AttributeSource;
}

/** An exchange whose copies SNS makes. */
export interface TopicPlan {
  readonly exchange: string;
  readonly topicName: string;
  /** At most 10, sorted by name. */
  readonly attributes: readonly AttributePlan[];
}

/** The one subscription of a queue to a topic, for all bindings between them. */
export interface SubscriptionPlan {
  readonly exchange: string;
  readonly queue: string;
  /** `undefined`: every message. */
  readonly filterPolicy: FilterPolicy | undefined;
  /** It lets too much through: the worker asks `route` whether a message was meant for its queue. */
  readonly recheck: boolean;
}

export interface TopicsPlan {
  readonly topics: readonly TopicPlan[];
  readonly subscriptions: readonly SubscriptionPlan[];
  readonly problems: readonly string[];
}

/** Topics of the exchanges that are not `via: 'publisher'` and lead to a queue, in the order declared. */
export function topicsPlan(topology: Topology, prefix: string): TopicsPlan {
  const each = Object.entries(topology.exchanges)
    .filter(([, { via = 'sns' }]) => via === 'sns')
    .map(([exchange]) => ({ exchange, reach: reachOf(topology, exchange) }))
    .filter(({ reach }) => reach.queues.size > 0)
    .map(({ exchange, reach }) => topicPlan(topology, { exchange, reach, prefix }));
  return {
    topics: each.map(({ topic }) => topic),
    subscriptions: each.flatMap(({ subscriptions }) => subscriptions),
    problems: each.flatMap(({ problems }) => problems),
  };
}

function topicPlan(
  topology: Topology,
  { exchange, reach, prefix }: { readonly exchange: string; readonly reach: Reach; readonly prefix: string },
): { topic: TopicPlan; subscriptions: SubscriptionPlan[]; problems: string[] } {
  const attributes = attributesOf(reach);
  const topic = { exchange, topicName: awsNames.topic(prefix, exchange), attributes };
  const problems = topicProblems(topology, exchange, { reach, attributes: attributes.map(({ name }) => name) });
  const subscriptions = [...reach.queues].map(([queue, clauses]) => {
    const policy = filterPolicy(clauses);
    if (policy !== undefined) problems.push(...policyProblems(topology, { exchange, queue, clauses }, policy));
    return { exchange, queue, filterPolicy: policy, recheck: clauses.some(({ unsure }) => unsure.length > 0) };
  });
  return { topic, subscriptions, problems };
}

/** Only what some policy tests. */
function attributesOf({ queues }: Reach): readonly AttributePlan[] {
  const sources = new Map<string, AttributeSource>();
  for (const clauses of queues.values())
    for (const { tests } of clauses)
      for (const { source } of tests.values()) sources.set(attributeName(source), source);
  return [...sources]
    .map(([name, source]) => ({ name, source }))
    .sort((left, right) => (left.name < right.name ? -1 : 1));
}
