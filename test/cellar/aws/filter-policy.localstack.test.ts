/** All routing vectors through LocalStack's SNS: FIFO topics and queues, raw delivery, policies on attributes. */
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Emulator, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { hardCases } from './hard-cases.ts';
import { plannedSets } from './routing-vectors.ts';
import { expectVectorsThrough } from './sns-vectors.ts';

const onLocalStack = hasEmulator('localstack') ? describe : describe.skip;

onLocalStack("LocalStack's SNS", () => {
  let emulator: Emulator;

  beforeAll(async () => {
    emulator = await startEmulator('localstack');
  }, 60_000);

  afterAll(async () => {
    await emulator?.stop();
  });

  it('brings every vector to the queues that route() says', async () => {
    const sets = [...plannedSets('topic.json', 0), ...plannedSets('exchange.json', 100)];
    await expectVectorsThrough(emulator.endpoint, sets);
  }, 120_000);

  it('brings hard words, typed headers and ways through exchanges where route() says', async () => {
    await expectVectorsThrough(emulator.endpoint, hardCases);
  }, 60_000);
});
