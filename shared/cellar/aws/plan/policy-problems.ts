/** What SNS would refuse, or worse: take and lose. */
import type { Topology } from '../../topology.ts';
import type { Clause } from '../filter-policy/clause.ts';
import { branchesOf, type FilterPolicy } from '../filter-policy/filter-policy.ts';
import { MOST_WAYS, type Reach } from './reach.ts';

/**
 * Limits of SNS: docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html, and for attributes
 * sns-message-attributes.html (with raw delivery a message that has more is dropped, silently). The 200 policies of
 * a topic are out of reach of the 100 subscriptions of a FIFO topic, a policy's 256 KB of 150 keys of 255 bytes.
 */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const MOST_ATTRIBUTES = 10;
const MOST_SUBSCRIPTIONS = 100;

/** What is wrong with one exchange as a topic. */
export function topicProblems(
  topology: Topology,
  exchange: string,
  { reach, attributes }: { readonly reach: Reach; readonly attributes: readonly string[] },
): string[] {
  const subject = `exchange '${exchange}'`;
  const problems: string[] = [];
  for (const behind of reach.exchanges) {
    const alternate = topology.exchanges[behind]?.alternate;
    if (alternate === undefined) continue;
    const way = behind === exchange ? '' : ` behind its binding to '${behind}'`;
    problems.push(
      `${subject}: has the alternate '${alternate}'${way}, and no filter policy can say 'what none matched'`,
    );
  }
  if (attributes.length > MOST_ATTRIBUTES) {
    const names = attributes.join(', ');
    problems.push(
      `${subject}: its bindings test ${attributes.length} attributes (${names}), allowed: ${MOST_ATTRIBUTES}`,
    );
  }
  if (reach.queues.size > MOST_SUBSCRIPTIONS)
    problems.push(`${subject}: leads to ${reach.queues.size} queues, allowed: ${MOST_SUBSCRIPTIONS} of a FIFO topic`);
  if (!reach.isComplete)
    problems.push(
      `${subject}: more than ${MOST_WAYS} ways lead through its bindings to other exchanges, allowed: ${MOST_WAYS}`,
    );
  return problems.map((problem) => `${problem}; ${advice(exchange)}`);
}

/** The clauses between an exchange and a queue. */
export interface Union {
  readonly exchange: string;
  readonly queue: string;
  readonly clauses: readonly Clause[];
}

/** What is wrong with the policy of a union. */
export function policyProblems(topology: Topology, union: Union, policy: FilterPolicy): string[] {
  const { exchange, queue, clauses } = union;
  const keys = keysOf(policy);
  const combinations = combinationsOf(policy);
  const problems: string[] = [];
  if (keys.length > MOST_KEYS)
    problems.push(`${keys.length} keys (${keys.join(', ')}) in a filter policy, allowed: ${MOST_KEYS}`);
  if (combinations > MOST_COMBINATIONS)
    problems.push(`${combinations} combinations of values in a filter policy, allowed: ${MOST_COMBINATIONS}`);
  const places = [...new Set(clauses.flatMap(({ bindings }) => bindings))].sort((left, right) => left - right);
  const subject = `exchange '${exchange}' to queue '${queue}': ${named(topology, places)}`;
  return problems.map((problem) => `${subject} ${problem}; ${advice(exchange)}`);
}

/** SNS counts every attribute of an attribute-based policy, wherever it stands; `$or` itself is none. */
function keysOf(policy: FilterPolicy): readonly string[] {
  return [...new Set(branchesOf(policy).flatMap((branch) => Object.keys(branch)))];
}

/** The numbers of values multiply within a branch; the branches of `$or` add up. */
function combinationsOf(policy: FilterPolicy): number {
  return branchesOf(policy)
    .map((branch) => Object.values(branch).reduce((product, rules) => product * rules.length, 1))
    .reduce((sum, product) => sum + product, 0);
}

function advice(exchange: string): string {
  return `declare '${exchange}' with via: 'publisher'`;
}

const MOST_NAMED = 3;

/** Whose policy it is, as the beginning of a sentence. */
function named({ bindings }: Topology, places: readonly number[]): string {
  const shown = places.slice(0, MOST_NAMED).map((place) => {
    const { key = '', arguments: wanted } = bindings[place] ?? {};
    return `${place + 1} (${wanted === undefined ? `'${key}'` : JSON.stringify(wanted)})`;
  });
  const more = places.length > MOST_NAMED ? ` and ${places.length - MOST_NAMED} more` : '';
  return places.length === 1 ? `binding ${shown} needs` : `bindings ${shown.join(', ')}${more} need`;
}
