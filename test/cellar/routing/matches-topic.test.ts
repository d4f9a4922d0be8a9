import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { matchesTopic } from '../../../shared/cellar/routing/matches-topic.ts';

const vectors: { normalisation: { pairs: readonly (readonly [string, string])[] } } = JSON.parse(
  readFileSync(new URL('../../vectors/topic.json', import.meta.url), 'utf8'),
);

const words = (key: string): string[] => (key === '' ? [] : key.split('.'));

/** AMQP's rule word by word, without any index: exponential, but plainly right. */
function reference([first, ...pattern]: readonly string[], key: readonly string[]): boolean {
  if (first === undefined) return key.length === 0;
  if (first === '#') return reference(pattern, key) || (key.length > 0 && reference([first, ...pattern], key.slice(1)));
  return key.length > 0 && (first === '*' || first === key[0]) && reference(pattern, key.slice(1));
}

/** Every key of up to `most` words. */
function keysOf(alphabet: readonly string[], most: number): string[] {
  let longest = [''];
  const keys = [''];
  for (let length = 1; length <= most; length += 1) {
    longest = longest.flatMap((key) => alphabet.map((word) => (length === 1 ? word : `${key}.${word}`)));
    keys.push(...longest);
  }
  return keys;
}

describe('matchesTopic', () => {
  it('says what the rule read word by word says', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '', '*', '#', 'a#', '##'), { maxLength: 6 });
    const key = fc.array(fc.constantFrom('a', 'b', '', 'c', '*', '#', 'a#'), { maxLength: 7 });
    fc.assert(
      fc.property(pattern, key, (patternWords, keyWords) => {
        const [patternText, keyText] = [patternWords.join('.'), keyWords.join('.')];
        expect(matchesTopic(patternText, keyText)).toBe(reference(words(patternText), words(keyText)));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each(vectors.normalisation.pairs)('takes the same keys for %p as for its normal form %p', (pattern, normal) => {
    const keys = keysOf(['a', 'b', 'c', ''], 6);
    const taken = keys.filter((key) => matchesTopic(pattern, key));
    expect(taken).toEqual(keys.filter((key) => matchesTopic(normal, key)));
    expect(taken.length).toBeGreaterThan(0);
  });

  it('sees wildcards only where they are whole words of the pattern', () => {
    expect(matchesTopic('a#.b', 'a.b')).toBe(false);
    expect(matchesTopic('a*', 'ab')).toBe(false);
    expect(matchesTopic('a.b', 'a.#')).toBe(false);
    expect(matchesTopic('a.b', '*.b')).toBe(false);
  });

  it('reads the empty key as no words, and empty words as words', () => {
    expect(['#', '#.#', ''].map((pattern) => matchesTopic(pattern, ''))).toEqual([true, true, true]);
    expect(matchesTopic('*', '')).toBe(false);
    expect(matchesTopic('*.*', '.')).toBe(true);
    expect(matchesTopic('some.#.key.*', 'some.stuff.key.')).toBe(true);
  });

  it('does not grow with the ways in which many # can share out a key', () => {
    const pattern = `${Array.from({ length: 15 }, () => '#.a').join('.')}.b`;
    const key = Array.from({ length: 60 }, () => 'a').join('.');
    expect(matchesTopic(pattern, `${key}.b`)).toBe(true);
    const start = performance.now();
    for (let call = 0; call < 20; call += 1) expect(matchesTopic(pattern, key)).toBe(false);
    // Backtracking would take 10^13 steps; an index 60 × 30. The bound is for a busy machine.
    expect((performance.now() - start) / 20).toBeLessThan(5);
  });
});
