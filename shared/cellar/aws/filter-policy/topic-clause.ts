import { textOfWord, textOfWords } from './attribute.ts';
import type { AttributeTest } from './attribute-test.ts';
import { type Clause, clauseOf, keyClause } from './clause.ts';

/**
 * A topic pattern as tests. Exact for every pattern without words between two `#`; with such words it lets more
 * through (any key with the right beginning, end and number of words), and the pattern stays `unsure`.
 *
 * The words before the first `*` or `#` are tested by one prefix of the key, those behind the last by one of the
 * reversed key, and each word between two `*` by its place.
 */
export function topicClause(pattern: string): Clause {
  const words = normalWords(pattern);
  if (!words.some((word) => word === '*' || word === '#')) return keyClause(pattern);
  const first = words.indexOf('#');
  if (first < 0) return clauseOf([...fixedTests(words), count(words.length, true)]);
  const last = words.lastIndexOf('#');
  const front = words.slice(0, first);
  const back = words.slice(last + 1);
  const middle = words.slice(first, last).filter((word) => word !== '#').length;
  const tests = [...frontTests(front), ...backTests(back)];
  const least = front.length + back.length + middle;
  if (least > impliedCount(front, back)) tests.push(count(least, false));
  return clauseOf(tests, middle === 0 ? {} : { unsure: [pattern] });
}

/** In a run of wildcards the order does not show: each `*` first, then one `#` if there is any. */
function normalWords(pattern: string): readonly string[] {
  const normal: string[] = [];
  let hasHash = false;
  for (const word of pattern === '' ? [] : pattern.split('.')) {
    if (word === '#') {
      hasHash = true;
    } else {
      if (hasHash && word !== '*') {
        normal.push('#');
        hasHash = false;
      }
      normal.push(word);
    }
  }
  return hasHash ? [...normal, '#'] : normal;
}

/** A pattern without `#`: words behind the last `*` count from the back, those before the first from the front. */
function fixedTests(words: readonly string[]): AttributeTest[] {
  const last = words.lastIndexOf('*');
  return [...frontTests(words.slice(0, last)), ...backTests(words.slice(last + 1))];
}

function frontTests(words: readonly string[]): AttributeTest[] {
  const star = words.indexOf('*');
  const run = star < 0 ? words : words.slice(0, star);
  const beginning: AttributeTest = { source: { kind: 'key' }, value: textOfWords(run), whole: false };
  return [...(run.length === 0 ? [] : [beginning]), ...wordTests(words, run.length, 'front')];
}

function backTests(words: readonly string[]): AttributeTest[] {
  const reversed = words.toReversed();
  const star = reversed.indexOf('*');
  const run = star < 0 ? reversed : reversed.slice(0, star);
  const end: AttributeTest = { source: { kind: 'reversed' }, value: textOfWords(run), whole: false };
  return [...(run.length === 0 ? [] : [end]), ...wordTests(reversed, run.length, 'back')];
}

function wordTests(words: readonly string[], start: number, from: 'front' | 'back'): AttributeTest[] {
  return words.flatMap((word, place) =>
    place < start || word === '*'
      ? []
      : [{ source: { kind: 'word', from, place }, value: textOfWord(word), whole: true }],
  );
}

function count(value: number, whole: boolean): AttributeTest {
  return { source: { kind: 'count' }, value, whole };
}

/** How many words a key has that passes the tests of its beginning and end, which may overlap. */
function impliedCount(front: readonly string[], back: readonly string[]): number {
  const frontmost = front.findLastIndex((word) => word !== '*') + 1;
  const backmost = back.toReversed().findLastIndex((word) => word !== '*') + 1;
  return Math.max(frontmost, backmost);
}
