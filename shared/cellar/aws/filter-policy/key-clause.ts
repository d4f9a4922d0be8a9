import { textOfWords, wordsOf } from './attribute.ts';
import { type Clause, clauseOf } from './clause.ts';

/** Passes one routing key. */
export function keyClause(key: string): Clause {
  return clauseOf([{ source: { kind: 'key' }, value: textOfWords(wordsOf(key)), whole: true }], { key });
}
