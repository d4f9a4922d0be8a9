/** What takes minutes of real time, side by side; in CI, or when asked for. */
import process from 'node:process';
import { describe } from '@jest/globals';
import { hasEmulator } from '../support/aws/emulator.ts';
import { awsHarness, onLocalStack, onMinistack } from './aws-harness.ts';
import { conformance } from './suite.ts';

const isAsked = process.env.CI === 'true' || process.env.CELLAR_TEST_SLOW === 'true';

for (const emulated of [onMinistack, onLocalStack]) {
  const { emulator } = emulated;
  const describeHere = isAsked && hasEmulator(emulator) ? describe : describe.skip;
  const name = emulator === 'localstack' ? 'LocalStack' : emulator;
  describeHere('what takes minutes', () => conformance(name, awsHarness(emulated), { minutes: true }));
}
