import { afterAll, describe } from '@jest/globals';
import { chords } from '../../conformance/chords.ts';
import { claims } from '../../conformance/claims.ts';
import type { HarnessOptions } from '../../conformance/harness.ts';
import { results } from '../../conformance/results.ts';
import { revocations } from '../../conformance/revocations.ts';
import { schedules } from '../../conformance/schedules.ts';
import { conformance } from '../../conformance/suite.ts';
import { hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { type HarnessMaker, manualHarness, realHarness } from './dynamodb/dynamo-rig.ts';

const topics = [results, claims, revocations, schedules, chords];

(hasEmulator('ministack') ? describe : describe.skip)('the stores on DynamoDB', () => {
  // At the first test, because tests that run side by side start before hooks do.
  let started: ReturnType<typeof startEmulator> | undefined;
  afterAll(async () => (await started)?.stop());

  const opener = (make: HarnessMaker) => async (options?: HarnessOptions) => {
    started ??= startEmulator('ministack');
    return await make((await started).endpoint, options);
  };
  const real = Object.assign(opener(realHarness), { sideBySide: true, realTime: true } as const);
  conformance('DynamoDB where time passes', real, { topics });
  conformance('DynamoDB', opener(manualHarness), { topics });
});
