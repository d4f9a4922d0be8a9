/** Workflows of signatures: chains and groups (celery/canvas.py). Plain data; only a client sends. */
import { CellarError } from './errors.ts';
import type { AnySignature, PartialSignature, Signature } from './signature.ts';

declare const resultType: unique symbol;

/** Tasks that run one after the other, each with the result of the one before as first argument. */
export interface Chain<Result> {
  readonly kind: 'chain';
  readonly steps: readonly AnySignature[];
  readonly [resultType]?: Result;
}

/** Tasks that run side by side. */
export interface Group<Result> {
  readonly kind: 'group';
  readonly members: readonly Signature<Result>[];
}

type ResultOf<S> = S extends Signature<infer R> ? R : S extends PartialSignature<infer R, object> ? R : never;

/** The steps themselves where each takes what the one before returns; a tuple with `never` where one does not. */
type Steps<Previous, Rest extends readonly AnySignature[]> = Rest extends readonly [
  infer Head extends AnySignature,
  ...infer Tail extends readonly AnySignature[],
]
  ? [Accepts<Head, Previous>, ...Steps<ResultOf<Head>, Tail>]
  : [];

type Accepts<Step, Previous> =
  Step extends PartialSignature<unknown, infer Missing>
    ? Previous extends Missing[keyof Missing]
      ? Step
      : never
    : Step;

type LastOf<First, Rest extends readonly AnySignature[]> = Rest extends readonly [...AnySignature[], infer Last]
  ? ResultOf<Last>
  : First;

/**
 * Runs signatures one after the other: `chain(add({ x: 2, y: 2 }), add.partial({ y: 4 }))`.
 *
 * A parent's result fills the first parameter of a partial; a complete signature ignores it.
 */
export function chain<First, const Rest extends readonly AnySignature[]>(
  first: Signature<First>,
  ...rest: Rest & Steps<First, Rest>
): Chain<LastOf<First, Rest>> {
  return { kind: 'chain', steps: [first, ...rest] };
}

/** Runs signatures side by side: `group(skus.map((sku) => price({ sku })))`. */
export function group<Result>(members: readonly Signature<Result>[]): Group<Result> {
  if (members.length === 0)
    throw new CellarError('bad-arguments', 'the group is empty, allowed: one signature or more');
  return { kind: 'group', members };
}

/** Tells a workflow from a signature. */
export function isCanvas<Result>(
  work: Signature<Result> | Chain<Result> | Group<Result>,
): work is Chain<Result> | Group<Result> {
  return 'kind' in work;
}
