import { afterAll, describe, expect, it } from '@jest/globals';
import { type Behaviour, behavioursOf, show, type Topic } from './behaviour.ts';
import type { OpenHarness } from './harness.ts';
import { isRecording, type Record, recordOf } from './record.ts';
import { isColumn, saidInPage, saidOf } from './table.ts';
import { topics } from './topics.ts';

/** Emulators on a busy machine are slow. */
const WITHIN_MS = 90_000;
const WITHIN_MINUTES_MS = 420_000;

export interface ConformanceOptions {
  /** @default all */
  readonly topics?: readonly Topic[];
  /** Those behaviours that need minutes where time is real, and only those; else only the others. @default false */
  readonly minutes?: boolean;
}

/** Shows every behaviour on one broker, each on an empty one of its own. */
export function conformance(name: string, open: OpenHarness, options: ConformanceOptions = {}): void {
  describe(name, () => behaviours(name, open, options));
}

/** As {@link conformance}, within a `describe` of the caller's: Jest runs side by side what is in one. */
export function behaviours(name: string, open: OpenHarness, options: ConformanceOptions = {}): void {
  const { topics: chosen = topics, minutes = false } = options;
  const record = recordOf(name, minutes);
  afterAll(() => record.write());
  const all = chosen.flatMap(behavioursOf);
  const here = all.filter((one) => open.realTime !== true || (one.minutes ?? false) === minutes);
  const label = minutes ? `${name}, ` : '';
  for (const behaviour of here) declare(`${label}${behaviour.topic}: ${behaviour.name}`, behaviour, { open, record });
  if (isRecording() || !isColumn(name)) return;
  it(`${label}what was seen is what docs/brokers.md says (npm run docs:brokers)`, () => {
    expect(saidInPage(record.noted)).toEqual(saidOf(record.noted));
  });
}

function declare(
  name: string,
  behaviour: Behaviour,
  { open, record }: { readonly open: OpenHarness; readonly record: Record },
): void {
  const { opened, minutes = false } = behaviour;
  const test = async (): Promise<void> => {
    const harness = await open(opened);
    try {
      record.note(behaviour, await show(behaviour, harness));
    } finally {
      await harness.close();
    }
  };
  // Workers load code when they first need it, which Jest refuses to tests side by side.
  const declareTest = open.sideBySide === true && opened?.realTime !== true ? it.concurrent : it;
  declareTest(name, test, minutes ? WITHIN_MINUTES_MS : WITHIN_MS);
}
