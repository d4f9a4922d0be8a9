import { describe, expect, it } from '@jest/globals';
import { mustRoute, needsRecheck } from '../../../shared/cellar/aws/plan.ts';
import { route } from '../../../shared/cellar/routing/route.ts';
import { delivered, type Sent } from './delivered.ts';
import { hardCases } from './hard-cases.ts';
import { type PlannedSet, plannedSets } from './routing-vectors.ts';

/** How SNS routes a case: to the right queues, to more that their workers recheck, or not at all. */
type Way = 'exact' | 'rechecked' | 'publisher' | 'refused';

function wayOf({ shop, plan }: PlannedSet, sent: Sent): Way {
  if (plan === undefined) return 'refused';
  if (mustRoute(plan, sent)) return 'publisher';
  const meant = route(shop, sent.exchange, sent);
  const got = delivered(plan, sent);
  const kept = got.filter((queue) => !needsRecheck(plan, sent.exchange, queue) || meant.includes(queue));
  expect(kept).toEqual(meant);
  return got.length === meant.length ? 'exact' : 'rechecked';
}

function patternsToRecheck({ shop, plan }: PlannedSet): readonly string[] {
  const queues = plan?.subscriptions.filter(({ recheck }) => recheck).map(({ queue }) => queue) ?? [];
  return shop.bindings.filter(({ queue = '' }) => queues.includes(queue)).map(({ key = '' }) => key);
}

function tableOf(sets: readonly PlannedSet[]): Readonly<Record<Way, number>> {
  const table = { exact: 0, rechecked: 0, publisher: 0, refused: 0 };
  for (const set of sets) for (const sent of set.cases) table[wayOf(set, sent)] += 1;
  return table;
}

describe('the routing vectors on SNS', () => {
  const topic = plannedSets('topic.json', 0);
  const others = plannedSets('exchange.json', 0);

  it('are expressed by filter policies but for a few, and none is refused', () => {
    const table = { topic: tableOf(topic), others: tableOf(others), hard: tableOf(hardCases) };
    const rechecked = [...new Set([...topic, ...others, ...hardCases].flatMap(patternsToRecheck))];
    process.stdout.write(`${report(table, rechecked)}\n`);
    expect(table).toEqual({
      topic: { exact: 132, rechecked: 12, publisher: 0, refused: 0 },
      others: { exact: 67, rechecked: 0, publisher: 2, refused: 0 },
      hard: { exact: 107, rechecked: 1, publisher: 0, refused: 0 },
    });
    expect(rechecked).toEqual(['#.b.#', '#.a.#', 'a.#.b.#.c', '#.a.#.b']);
  });
});

function report(table: Readonly<Record<string, Readonly<Record<Way, number>>>>, rechecked: readonly string[]): string {
  const lines = Object.entries(table).map(
    ([name, { exact, rechecked: over, publisher, refused }]) =>
      `  ${name}: ${exact} exact, ${over} with copies that the worker drops, ${publisher} sent by the publisher (CC, BCC), ${refused} refused`,
  );
  return ['routing vectors on SNS, by case:', ...lines, `  patterns to recheck: ${rechecked.join(', ')}`].join('\n');
}
