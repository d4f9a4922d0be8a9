/** What SNS would refuse, or worse: take and lose. */
import type { Topology } from '../../topology.ts';
import type { Clause } from '../filter-policy/clause.ts';
import { branchesOf, type FilterPolicy } from '../filter-policy/filter-policy.ts';
import type { Reach } from './reach.ts';

/**
 * Limits of SNS: docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html, and for attributes
 * sns-message-attributes.html (with raw delivery a message that has more is dropped, silently). The 200 policies of
 * a topic are out of reach of the 100 subscriptions of a FIFO topic.
 */
const MOST_KEYS = 5;
const MOST_COMBINATIONS = 150;
const MOST_POLICY_BYTES = 256 * 1024;
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
  return problems.map((problem) => `${problem}; ${advice(exchange)}`);
}

/** What is wrong with one policy. */
export function policyProblems(
  topology: Topology,
  {
    exchange,
    queue,
    clauses,
  }: { readonly exchange: string; readonly queue: string; readonly clauses: readonly Clause[] },
  policy: FilterPolicy,
): string[] {
  const places = [...new Set(clauses.flatMap(({ bindings }) => bindings))].sort((left, right) => left - right);
  const subject = `exchange '${exchange}' to queue '${queue}': ${named(topology, places)}`;
  const branches = branchesOf(policy);
  // SNS counts every attribute of an attribute-based policy; what it says of $or is only that branches add up.
  const keys = [...new Set(branches.flatMap((branch) => Object.keys(branch)))];
  const combinations = branches
    .map((branch) => Object.values(branch).reduce((product, rules) => product * rules.length, 1))
    .reduce((sum, product) => sum + product, 0);
  const bytes = JSON.stringify(policy).length;
  const problems: string[] = [];
  if (keys.length > MOST_KEYS)
    problems.push(`${subject} need ${keys.length} keys (${keys.join(', ')}) in a filter policy, allowed: ${MOST_KEYS}`);
  if (combinations > MOST_COMBINATIONS)
    problems.push(
      `${subject} need ${combinations} combinations of values in a filter policy, allowed: ${MOST_COMBINATIONS}`,
    );
  if (bytes > MOST_POLICY_BYTES)
    problems.push(`${subject} need a filter policy of ${bytes} bytes, allowed: ${MOST_POLICY_BYTES}`);
  return problems.map((problem) => `${problem}; ${advice(exchange)}`);
}

function advice(exchange: string): string {
  return `declare '${exchange}' with via: 'publisher'`;
}

const MOST_NAMED = 3;

function named({ bindings }: Topology, places: readonly number[]): string {
  const shown = places.slice(0, MOST_NAMED).map((place) => {
    const { key = '', arguments: wanted } = bindings[place] ?? {};
    return `${place + 1} (${wanted === undefined ? `'${key}'` : JSON.stringify(wanted)})`;
  });
  const more = places.length > MOST_NAMED ? ` and ${places.length - MOST_NAMED} more` : '';
  return `${places.length === 1 ? 'binding' : 'bindings'} ${shown.join(', ')}${more}`;
}
