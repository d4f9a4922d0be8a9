import { matchesTopic } from '../../routing/matches-topic.ts';
import { attributeName, type Subject, textOfWords, wordsOf } from './attribute.ts';
import { type AttributeTest, isInside, meet, passes } from './attribute-test.ts';

/** Tests that must all hold: one way through the bindings from an exchange. */
export interface Clause {
  /** By the attribute's name. */
  readonly tests: ReadonlyMap<string, AttributeTest>;
  /** The only routing key that passes, where there is just one. */
  readonly key?: string;
  /** Topic patterns that must match too, and of which the tests let more through. */
  readonly unsure: readonly string[];
  /** Places of the bindings on the way, counted from 0. */
  readonly bindings: readonly number[];
}

const KEY = attributeName({ kind: 'key' });

/** Passes every message. */
export const everything: Clause = { tests: new Map(), unsure: [], bindings: [] };

/** A clause of these tests. */
export function clauseOf(tests: readonly AttributeTest[], rest: Partial<Omit<Clause, 'tests'>> = {}): Clause {
  return { ...everything, ...rest, tests: new Map(tests.map((test) => [attributeName(test.source), test])) };
}

/** Passes one routing key. */
export function keyClause(key: string): Clause {
  return clauseOf([{ source: { kind: 'key' }, value: textOfWords(wordsOf(key)), whole: true }], { key });
}

/** The clause that passes what passes both; `undefined` where nothing does. */
export function both(left: Clause, right: Clause): Clause | undefined {
  const tests = new Map(left.tests);
  for (const [name, test] of right.tests) {
    const other = tests.get(name);
    const met = other === undefined ? test : meet(other, test);
    if (met === undefined) return undefined;
    tests.set(name, met);
  }
  const key = left.key ?? right.key;
  const unsure = [...new Set([...left.unsure, ...right.unsure])];
  const bindings = [...left.bindings, ...right.bindings];
  if (key === undefined) return { tests, unsure, bindings };
  return settled({ tests, key, unsure, bindings }, key);
}

/** Where the key is known, all that is asked of it is answered now: what remains is the key itself and the headers. */
function settled(clause: Clause, key: string): Clause | undefined {
  const others = [...clause.tests].filter(([name]) => name !== KEY);
  const ofKey = others.filter(([, { source }]) => source.kind !== 'header');
  const subject = subjectOf(key);
  const isPassed =
    clause.unsure.every((pattern) => matchesTopic(pattern, key)) && ofKey.every(([, test]) => passes(test, subject));
  if (!isPassed) return undefined;
  const answered = new Set(ofKey.map(([name]) => name));
  return { ...clause, unsure: [], tests: new Map([...clause.tests].filter(([name]) => !answered.has(name))) };
}

function subjectOf(key: string): Subject {
  return { words: wordsOf(key), headers: {} };
}

/** Whether all that passes `inner` passes `outer`. */
function covers(outer: Clause, inner: Clause): boolean {
  const { key } = inner;
  const isMatched = (pattern: string): boolean =>
    key === undefined ? inner.unsure.includes(pattern) : matchesTopic(pattern, key);
  const isTested = ([name, test]: readonly [string, AttributeTest]): boolean => {
    if (key !== undefined && test.source.kind !== 'header') return passes(test, subjectOf(key));
    const other = inner.tests.get(name);
    return other !== undefined && isInside(other, test);
  };
  return outer.unsure.every(isMatched) && [...outer.tests].every(isTested);
}

/** Adds a clause to alternatives of which none covers another; false where one covers it already. */
export function addAlternative(alternatives: Clause[], clause: Clause): boolean {
  if (alternatives.some((other) => covers(other, clause))) return false;
  const kept = alternatives.filter((other) => !covers(clause, other));
  alternatives.splice(0, alternatives.length, ...kept, clause);
  return true;
}
