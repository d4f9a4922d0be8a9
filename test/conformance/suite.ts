import { afterAll, describe, it } from '@jest/globals';
import { type Behaviour, behavioursOf, show, type Topic } from './behaviour.ts';
import type { OpenHarness } from './harness.ts';
import { type Record, recordOf } from './record.ts';
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
  const { topics: chosen = topics, minutes = false } = options;
  const here = (behaviour: Behaviour) => open.realTime !== true || (behaviour.minutes ?? false) === minutes;
  describe(name, () => {
    const record = recordOf(name, minutes);
    afterAll(() => record.write());
    for (const topic of chosen) {
      const behaviours = behavioursOf(topic).filter(here);
      if (behaviours.length === 0) continue;
      describe(topic.name, () => {
        for (const behaviour of behaviours) declare(behaviour, open, record);
      });
    }
  });
}

function declare(behaviour: Behaviour, open: OpenHarness, record: Record): void {
  const test = async (): Promise<void> => {
    const harness = await open(behaviour.opened);
    try {
      record.note(behaviour, await show(behaviour, harness));
    } finally {
      await harness.close();
    }
  };
  const declareTest = open.sideBySide === true && behaviour.opened?.realTime !== true ? it.concurrent : it;
  declareTest(behaviour.name, test, behaviour.minutes === true ? WITHIN_MINUTES_MS : WITHIN_MS);
}
