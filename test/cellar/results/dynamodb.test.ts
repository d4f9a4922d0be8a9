import { afterAll, beforeAll, describe } from '@jest/globals';
import { chords } from '../../conformance/chords.ts';
import { claims, schedules } from '../../conformance/claims-and-schedules.ts';
import { results } from '../../conformance/results.ts';
import { type Emulator, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { manualHarness, realHarness } from './dynamodb/dynamo-rig.ts';

(hasEmulator('ministack') ? describe : describe.skip)('the stores on DynamoDB', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  }, 60_000);
  afterAll(() => emulator.stop());

  describe.each([
    ['passes', realHarness],
    ['is moved by the suite', manualHarness],
  ])('where time %s', (_how, harness) => {
    const open = () => harness(emulator.endpoint);
    results(open);
    claims(open);
    schedules(open);
    chords(open);
  });
});
