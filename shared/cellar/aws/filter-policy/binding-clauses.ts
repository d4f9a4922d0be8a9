import type { Headers } from '../../broker.ts';
import type { BindingDeclaration, ExchangeType } from '../../topology.ts';
import { textOfHeader } from './attribute.ts';
import type { AttributeTest } from './attribute-test.ts';
import { type Clause, clauseOf, everything, keyClause } from './clause.ts';
import { topicClause } from './topic-clause.ts';

const byType: Readonly<Record<ExchangeType, (binding: BindingDeclaration) => readonly Clause[]>> = {
  direct: ({ key = '' }) => [keyClause(key)],
  fanout: () => [everything],
  topic: ({ key = '' }) => [topicClause(key)],
  headers: ({ arguments: wanted = {} }) => headersClauses(wanted),
};

/** A binding as alternatives: a message passes it where one of them passes. */
export function bindingClauses(type: ExchangeType, binding: BindingDeclaration, place: number): readonly Clause[] {
  return byType[type](binding).map((clause) => ({ ...clause, bindings: [place] }));
}

/** As `HeadersIndex` reads the arguments: `any` of nothing passes nothing, `all` of nothing everything. */
function headersClauses(wanted: Headers): readonly Clause[] {
  const mode = wanted['x-match'] ?? 'all';
  const withX = mode === 'all-with-x' || mode === 'any-with-x';
  const tests = Object.entries(wanted)
    .filter(([name]) => (withX ? name !== 'x-match' : !name.startsWith('x-')))
    .map(([header, value]): AttributeTest => {
      const source = { kind: 'header', header } as const;
      return value === null ? { source, value: '', whole: false } : { source, value: textOfHeader(value), whole: true };
    });
  if (mode === 'any' || mode === 'any-with-x') return tests.map((test) => clauseOf([test]));
  return [clauseOf(tests)];
}
