import { describe } from '@jest/globals';
import { hasEmulator } from '../support/aws/emulator.ts';
import { awsHarness, onLocalStack } from './aws-harness.ts';
import { conformance } from './suite.ts';

const describeHere = hasEmulator('localstack') ? describe : describe.skip;

describeHere('the AWS broker', () => conformance('LocalStack', awsHarness(onLocalStack)));
