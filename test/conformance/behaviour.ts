/** The cases of the suite as data: each says what it shows, under which condition, and what is seen where that is not met. */
import type { Topology } from '../../shared/cellar/topology.ts';
import type { Condition } from './conditions.ts';
import type { Harness, HarnessOptions, ServerGap } from './harness.ts';

export type Test = (harness: Harness) => Promise<void>;

interface Setting {
  /** Declared before the test. */
  readonly on: Topology;
  readonly opened?: HarnessOptions;
  /** A fault of some emulator's, and the test that shows it there. */
  readonly gap?: { readonly name: ServerGap; readonly shows: Test };
  /** Needs minutes where time passes by itself. */
  readonly minutes?: true;
}

interface Unconditional extends Setting {
  readonly needs?: never;
  readonly lacks?: never;
}

interface Conditional extends Setting {
  readonly needs: Condition;
  /** What is seen where that is not met: a test, or the name of the behaviour that shows it. */
  readonly lacks: Test | { readonly shownBy: string };
}

export type Conditions = Unconditional | Conditional;

export type Behaviour = Conditions & {
  readonly topic: string;
  /** A plain sentence, unlike all others of the suite. */
  readonly name: string;
  readonly test: Test;
};

/** Declares one behaviour. */
export type Declare = (name: string, conditions: Conditions, test: Test) => void;

export interface Topic {
  readonly name: string;
  readonly behaviours: (it: Declare) => void;
}

export function behavioursOf({ name: topic, behaviours }: Topic): readonly Behaviour[] {
  const found: Behaviour[] = [];
  behaviours((name, conditions, test) => found.push({ ...conditions, topic, name, test }));
  return found;
}

/** How a behaviour was shown: as it is, by what is seen without its condition, or by an emulator's fault. */
export type Shown = 'yes' | 'no' | 'gap';

/** Shows a behaviour on an opened harness. */
export async function show(behaviour: Behaviour, harness: Harness): Promise<Shown> {
  const { on, needs, lacks, gap, test } = behaviour;
  const [shown, shows] =
    needs !== undefined && !needs.holds(harness)
      ? (['no', lacks] as const)
      : gap !== undefined && harness.gaps?.has(gap.name) === true
        ? (['gap', gap.shows] as const)
        : (['yes', test] as const);
  if (typeof shows !== 'function') return shown;
  await harness.backend.broker.declare(on);
  await shows(harness);
  return shown;
}
