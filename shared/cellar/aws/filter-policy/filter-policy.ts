import type { AttributeTest } from './attribute-test.ts';
import type { Clause } from './clause.ts';

/** One value or operator of those that all emulators have too. */
export type FilterRule =
  | string
  | { readonly prefix: string }
  | { readonly exists: true }
  | { readonly numeric: readonly ['=' | '>=', number] };

/** Attribute → what it may be; all attributes must pass. */
export type FilterBranch = Readonly<Record<string, readonly FilterRule[]>>;

/** A filter policy of an SNS subscription with the scope MessageAttributes, as its JSON has it. */
export type FilterPolicy = FilterBranch | { readonly $or: readonly FilterBranch[] };

/** Tests of one attribute, of which one must hold, by the attribute's name. */
type Branch = ReadonlyMap<string, readonly AttributeTest[]>;

/** The policy that lets through what passes one of the clauses; `undefined` = everything. */
export function filterPolicy(clauses: readonly Clause[]): FilterPolicy | undefined {
  if (clauses.some(({ tests }) => tests.size === 0)) return undefined;
  const branches = merged(clauses.map(({ tests }) => new Map([...tests].map(([name, test]) => [name, [test]]))));
  const written = branches.map(writtenBranch);
  const [only] = written;
  return only !== undefined && written.length === 1 ? only : { $or: written };
}

/** The branches of a policy, also where it has just one. */
export function branchesOf(policy: FilterPolicy): readonly FilterBranch[] {
  return isUnion(policy) ? policy.$or : [policy];
}

function isUnion(policy: FilterPolicy): policy is { readonly $or: readonly FilterBranch[] } {
  return '$or' in policy;
}

/** Makes one of branches that differ in one attribute only, attribute by attribute, until there are none. */
function merged(branches: readonly Branch[]): readonly Branch[] {
  let current = branches;
  for (;;) {
    const before = current.length;
    for (const name of new Set(current.flatMap((branch) => [...branch.keys()]))) current = mergedBy(name, current);
    if (current.length === before) return current;
  }
}

function mergedBy(name: string, branches: readonly Branch[]): readonly Branch[] {
  const alike = Map.groupBy(branches, (branch) =>
    JSON.stringify([branch.has(name), ...[...branch].filter(([other]) => other !== name).sort(byName)]),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || !first.has(name)) return group;
    const rules = new Map(
      group.flatMap((branch) => branch.get(name) ?? []).map((test) => [JSON.stringify(test), test]),
    );
    return [new Map([...first, [name, [...rules.values()]]])];
  });
}

function byName([left]: readonly [string, unknown], [right]: readonly [string, unknown]): number {
  return left < right ? -1 : 1;
}

function writtenBranch(branch: Branch): FilterBranch {
  return Object.fromEntries([...branch].map(([name, tests]) => [name, tests.map(writtenRule)]));
}

function writtenRule({ value, whole }: AttributeTest): FilterRule {
  if (typeof value === 'number') return { numeric: [whole ? '=' : '>=', value] };
  if (whole) return value;
  return value === '' ? { exists: true } : { prefix: value };
}
