/**
 * Workflows of signatures: chains, groups and chords (celery/canvas.py). Plain data; only a client, or a handler's
 * context, sends.
 */
import { CellarError } from './errors.ts';
import type { AnySignature, PartialSignature, SendOptions, Signature } from './signature.ts';

declare const resultType: unique symbol;
declare const freeType: unique symbol;

/** `Result` is what the whole comes to; `Free` what a parent's result must be, `never` where it can be sent as it is. */
interface Canvas<Result, Free> {
  readonly kind: 'chain' | 'group' | 'chord';
  readonly options: SendOptions;
  readonly [resultType]?: Result;
  readonly [freeType]?: Free;
}

/** Tasks that run one after the other, each with the result of the one before as first argument. */
export interface Chain<Result, Free = never> extends Canvas<Result, Free> {
  readonly kind: 'chain';
  readonly steps: readonly Work[];
}

/** Tasks that run side by side. */
export interface Group<Result, Free = never> extends Canvas<Result, Free> {
  readonly kind: 'group';
  readonly members: readonly Work[];
}

/** Tasks that run side by side, and one that runs after all of them with the list of their results. */
export interface Chord<Result, Free = never> extends Canvas<Result, Free> {
  readonly kind: 'chord';
  readonly header: readonly Work[];
  readonly body: Work;
}

/** A signature or a workflow, whatever it comes to. */
export type Work = AnySignature | AnyCanvas;
export type AnyCanvas = Chain<unknown, unknown> | Group<unknown, unknown> | Chord<unknown, unknown>;

/** What can be sent as it is. */
export type Sendable<Result> = Signature<Result> | Chain<Result> | Group<Result> | Chord<Result>;

/** What the next step of a chain is given; a group gives the list of its results. */
type ResultOf<W> =
  W extends Group<infer R, unknown>
    ? R[]
    : W extends Canvas<infer R, unknown>
      ? R
      : W extends Signature<infer R>
        ? R
        : W extends PartialSignature<infer R, object>
          ? R
          : never;

/** What a member of a group or header comes to there: a group in it is part of it. */
type MemberOf<W> = W extends Group<infer R, unknown> ? R : ResultOf<W>;

/** What the first argument of a partial must be; `never` where none is missing. */
type FreeOf<W> =
  W extends Canvas<unknown, infer Free>
    ? Free
    : W extends PartialSignature<unknown, infer Missing>
      ? Missing[keyof Missing]
      : never;

/** The step itself where it takes what the one before returns, or needs nothing; else `never`. */
type Accepts<Step, Previous> = [FreeOf<Step>] extends [never] ? Step : Previous extends FreeOf<Step> ? Step : never;

/** The steps themselves; a tuple with `never` where one does not take what the one before returns. */
type Steps<Previous, Rest extends readonly Work[]> = Rest extends readonly [
  infer Head extends Work,
  ...infer Tail extends readonly Work[],
]
  ? [Accepts<Head, Previous>, ...Steps<ResultOf<Head>, Tail>]
  : [];

type LastOf<First, Rest extends readonly Work[]> = Rest extends readonly [...Work[], infer Last] ? Last : First;

/** What a chain comes to: all the results of its last step. */
type ChainOf<First, Rest extends readonly Work[]> = Chain<ResultOf<LastOf<First, Rest>>, FreeOf<First>>;

/**
 * Runs work one after the other: `chain(add({ x: 2, y: 2 }), add.partial({ y: 4 }))`.
 *
 * A parent's result fills the first parameter of a partial; a complete signature ignores it. A group in front of a step
 * makes the two a chord: the step is given the list of the group's results.
 */
export function chain<First extends Work, const Rest extends readonly Work[]>(
  first: First,
  ...rest: Rest & Steps<ResultOf<First>, Rest>
): ChainOf<First, Rest> {
  return { kind: 'chain', steps: [first, ...(rest as readonly Work[])], options: {} };
}

/**
 * Runs work side by side: `group(skus.map((sku) => price({ sku })))`. A group in a group is part of it.
 * @throws CellarError `bad-arguments` when it is empty
 */
export function group<Member extends Work>(members: readonly Member[]): Group<MemberOf<Member>, FreeOf<Member>> {
  if (members.length === 0)
    throw new CellarError('bad-arguments', 'the group is empty, allowed: one signature or more');
  return { kind: 'group', members, options: {} };
}

/**
 * Runs the header side by side, then the body once, with the list of their results in the order of the header:
 * `chord([price({ sku: 'a' }), price({ sku: 'b' })], sum.partial({}))`. An empty header runs the body with `[]`.
 *
 * When a part fails, the body ends as FAILURE (ChordError) after all parts have ended, and never runs.
 */
export function chord<Member extends Work, Body extends Work>(
  header: readonly Member[],
  body: Body & Accepts<Body, MemberOf<Member>[]>,
): Chord<ResultOf<Body>, FreeOf<Member>> {
  return { kind: 'chord', header, body, options: {} };
}

/**
 * The same work with more options; what it has already gives way. Of a chain `link` belongs to its last step, `linkError`
 * to each, `taskId` to the last, all else to the first. Of a group all belong to each member. Of a chord `link`,
 * `linkError` and `taskId` belong to the body, all else to header and body.
 */
export function withOptions<W extends Work>(work: W, options: SendOptions): W {
  return { ...work, options: { ...work.options, ...options } };
}

/** Tells a workflow from a signature. */
export function isCanvas<W extends Work>(work: W): work is Extract<W, AnyCanvas> {
  return 'kind' in work;
}
