/** What results of tasks cost on DynamoDB, by the meter of the bill. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { systemRuntime } from '../../../shared/cellar/clock.ts';
import { openDynamoResults } from '../../../shared/cellar/results/dynamodb/open-dynamo-results.ts';
import { type Emulator, hasEmulator, startEmulator } from '../../support/aws/emulator.ts';
import { billingMeter, type Meter } from '../../support/aws/meter.ts';
import { looseBackend } from '../worker/loose-backend.ts';
import { openRig } from '../worker/rig.ts';
import { callsTo, newTable } from './dynamodb/dynamo-rig.ts';

const TASKS = 20;
const work = worker({ queue: 'work' });
const options = { params: {}, queue: 'work' } as const;
const plain = task('tests.plain', options);
const once = task('tests.once', { ...options, once: true });
const quiet = task('tests.quiet', { ...options, ignoreResult: true });
const child = task('tests.child', { params: {}, queue: 'other' });

(hasEmulator('ministack') ? describe : describe.skip)('results on DynamoDB', () => {
  let emulator: Emulator;
  beforeAll(async () => {
    emulator = await startEmulator('ministack');
  }, 60_000);
  afterAll(() => emulator.stop());

  /** Runs tasks that each send a child, on a broker that settles in steps; what DynamoDB would bill. */
  async function bill(contract: typeof plain, environment = {}): Promise<Meter> {
    const table = await newTable(emulator.endpoint);
    const meter = billingMeter(callsTo(emulator.endpoint), { indexesOf: { [table]: 1 } });
    const stores = openDynamoResults({ calls: meter.calls, table, runtime: systemRuntime, expiresSeconds: 600 });
    const rig = await openRig([work.handle(contract, ({ send }) => void send(child()))], {
      backend: (memory) => looseBackend().wrap({ ...memory, ...stores }),
      environment,
    });
    for (let sent = 0; sent < TASKS; sent++) await rig.run(contract());
    return meter;
  }

  it.each([
    ['one write for a task', plain, 1],
    ['two writes for one that is marked once', once, 2],
    ['no write for one whose result is ignored', quiet, 0],
  ])('cost %s', async (_what, contract, writes) => {
    const meter = await bill(contract);
    const { 'dynamodb:UpdateItem': updates = 0, ...others } = meter.operations();
    expect(updates / TASKS).toBe(writes);
    // Whether it is revoked, asked for each batch: here a batch is one task.
    expect(others).toEqual({ 'dynamodb:BatchGetItem': TASKS });
    const { dynamoWriteUnits, dynamoReadUnits } = meter.counts();
    console.log(
      `${contract.name}: ${dynamoWriteUnits / TASKS} write units, ${dynamoReadUnits / TASKS} read units a task`,
    );
    expect(dynamoWriteUnits / TASKS).toBeLessThanOrEqual(2 * writes * (contract === once ? 2 : 1));
  });

  it('cost one write more for a task whose start is stored too', async () => {
    const meter = await bill(plain, { CELLAR_TASK_TRACK_STARTED: '1' });
    expect((meter.operations()['dynamodb:UpdateItem'] ?? 0) / TASKS).toBe(2);
  });
});
