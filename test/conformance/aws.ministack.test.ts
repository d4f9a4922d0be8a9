import { describe } from '@jest/globals';
import { hasEmulator } from '../support/aws/emulator.ts';
import { awsHarness, onMinistack } from './aws-harness.ts';
import { conformance } from './suite.ts';

const describeHere = hasEmulator('ministack') ? describe : describe.skip;

describeHere('the AWS broker', () => conformance('ministack', awsHarness(onMinistack)));
