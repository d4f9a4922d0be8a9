import { describe, expect, it } from '@jest/globals';
import { needsRecheck, planAws } from '../../../shared/cellar/aws/plan.ts';
import { matchesTopic } from '../../../shared/cellar/routing/matches-topic.ts';
import { topology } from '../../../shared/cellar/topology.ts';
import { delivered } from './delivered.ts';

/** Every key of up to `most` words. */
function keysOf(alphabet: readonly string[], most: number): string[] {
  let longest: string[][] = [[]];
  const keys = [''];
  for (let length = 1; length <= most; length += 1) {
    longest = longest.flatMap((words) => alphabet.map((word) => [...words, word]));
    keys.push(...longest.map((words) => words.join('.')));
  }
  return [...new Set(keys)];
}

const patterns = keysOf(['a', 'b', '*', '#'], 4);
const keys = keysOf(['a', 'b', ''], 5);

/** Whether words stand between two `#`: what a policy cannot say. */
function isUnsure(pattern: string): boolean {
  const between = pattern.split('.');
  const inner = between.slice(between.indexOf('#') + 1, Math.max(0, between.lastIndexOf('#')));
  return between.includes('#') && inner.some((word) => word !== '*' && word !== '#');
}

describe('a topic pattern on SNS', () => {
  it.each([false, true])('takes what the pattern takes, and more only if words stand between two #: %p', (unsure) => {
    const asked = patterns.filter((pattern) => isUnsure(pattern) === unsure);
    const wrong: string[] = [];
    let tooMany = 0;
    for (const pattern of asked) {
      const shop = topology({
        exchanges: { events: { type: 'topic' } },
        queues: { mail: {} },
        bindings: [{ exchange: 'events', queue: 'mail', key: pattern }],
      });
      const plan = planAws(shop, 'shop');
      if (needsRecheck(plan, 'events', 'mail') !== unsure) wrong.push(`${pattern} recheck`);
      for (const routingKey of keys) {
        const isTaken = delivered(plan, { exchange: 'events', routingKey, headers: {} }).length === 1;
        const isMeant = matchesTopic(pattern, routingKey);
        if (isTaken && !isMeant) tooMany += 1;
        if (isMeant ? !isTaken : isTaken && !unsure) wrong.push(`${pattern} ${routingKey}`);
      }
    }
    expect(asked).toHaveLength(unsure ? 26 : 315);
    expect(wrong).toEqual([]);
    expect(tooMany > 0).toBe(unsure);
  });
});
