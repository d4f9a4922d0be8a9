/** What takes minutes of real time, side by side; in CI, or when asked for. */
import process from 'node:process';
import { describe } from '@jest/globals';
import { hasEmulator } from '../support/aws/emulator.ts';
import { awsHarness, onLocalStack, onMinistack } from './aws-harness.ts';
import { behaviours } from './suite.ts';

const isAsked = process.env.CI === 'true' || process.env.CELLAR_TEST_SLOW === 'true';
const areHere = isAsked && hasEmulator('ministack') && hasEmulator('localstack');

(areHere ? describe : describe.skip)('what takes minutes', () => {
  behaviours('ministack', awsHarness(onMinistack), { minutes: true });
  behaviours('LocalStack', awsHarness(onLocalStack), { minutes: true });
});
