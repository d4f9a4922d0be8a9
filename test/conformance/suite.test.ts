import { describe, expect, it } from '@jest/globals';
import { behavioursOf } from './behaviour.ts';
import { can } from './conditions.ts';
import { rowsInPage } from './table.ts';
import { topics } from './topics.ts';

const all = topics.flatMap(behavioursOf);
const names = all.map(({ name }) => name);

describe('the conformance suite', () => {
  it('names each behaviour once', () => {
    expect(names.filter((name, place) => names.indexOf(name) !== place)).toEqual([]);
  });

  it.each(Object.keys(can))('shows the capability %s where it is there, and what is seen where it is not', (key) => {
    const about = all.filter(({ needs }) => needs?.about.includes(key));
    expect(about.length).toBeGreaterThan(0);
    const isMeasure = about.some(({ needs }) => needs?.isMeasure === true);
    expect(isMeasure || about.some(({ lacks }) => typeof lacks === 'function')).toBe(true);
  });

  it('leaves what it does not show without a condition to another behaviour, which has none or a test of its own', () => {
    const others = all.flatMap(({ lacks }) => (typeof lacks === 'object' ? [lacks.shownBy] : []));
    for (const name of others) {
      const [shower] = all.filter((behaviour) => behaviour.name === name);
      expect({ name, isThere: shower !== undefined }).toEqual({ name, isThere: true });
      expect(shower?.needs?.isMeasure === true || typeof shower?.lacks !== 'object').toBe(true);
    }
  });

  it('has a row for each behaviour in docs/brokers.md (npm run docs:brokers)', () => {
    expect(rowsInPage().map(({ behaviour }) => behaviour)).toEqual(names);
  });
});
