/** Celery's results as tuples (celery/result.py, `as_tuple`): `[[id, parent], children]`, children null for a single task. */

export type ResultTuple = readonly [readonly [string, unknown], readonly ResultTuple[] | null];

export function resultTuple(id: string, children: readonly string[] | null = null): ResultTuple {
  return [[id, null], children?.map((child) => resultTuple(child)) ?? null];
}

/** The task, or the list of those of a group; `undefined` for what is no tuple. */
export type ResultTree = string | readonly ResultTree[];

export function treeOf(value: unknown): ResultTree | undefined {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return undefined;
  const [own, children = null] = value;
  if (children === null) return Array.isArray(own) ? textOf(own[0]) : textOf(own);
  if (!Array.isArray(children)) return undefined;
  const trees = children.map(treeOf);
  return trees.every((tree) => tree !== undefined) ? trees : undefined;
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** The ids of all tasks in it. */
export function idsIn(tree: ResultTree): readonly string[] {
  return typeof tree === 'string' ? [tree] : tree.flatMap(idsIn);
}
