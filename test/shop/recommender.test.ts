import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { pairsOf, suggest } from '../../shared/shop/recommender.ts';

describe('pairsOf', () => {
  it('is symmetric, without a wine beside itself, n × (n - 1) pairs of n wines', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e')), (wines) => {
        const pairs = pairsOf(wines).map((pair) => pair.join());
        const size = new Set(wines).size;
        const expected = size === 0 ? 0 : size * (size - 1);
        expect(new Set(pairs).size).toBe(expected);
        expect(pairs.length).toBe(expected);
        expect(new Set(pairs.map((pair) => pair.split(',').reverse().join()))).toEqual(new Set(pairs));
        expect(pairs.some((pair) => new Set(pair.split(',')).size === 1)).toBe(false);
      }),
    );
  });
});

describe('suggest', () => {
  const scores = [
    { wineId: 'b', score: 2 },
    { wineId: 'c', score: 3 },
    { wineId: 'b', score: 2 },
    { wineId: 'a', score: 9 },
    { wineId: 'e', score: 1 },
    { wineId: 'd', score: 1 },
  ];

  it('sums scores, leaves the given wines out, and puts the best first', () => {
    expect(suggest(scores, ['a'])).toEqual(['b', 'c', 'd', 'e']);
    expect(suggest(scores, ['a'], 2)).toEqual(['b', 'c']);
  });

  it('is empty when nothing was bought', () => {
    expect(suggest([], ['a'])).toEqual([]);
  });
});
