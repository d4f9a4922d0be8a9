/** What tasks cost in requests, counted as AWS bills them: client, broker and poller together, on ministack. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openAwsCalls } from '../../../shared/cellar/aws/calls/open-calls.ts';
import { planAws } from '../../../shared/cellar/aws/plan.ts';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { createOnAws } from '../../../shared/cellar/brokers/aws/create/create-on-aws.ts';
import { openAws } from '../../../shared/cellar/brokers/aws/open-aws.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import { Cellar, task, topology, worker } from '../../../shared/cellar/index.ts';
import {
  EMULATED_ACCOUNT,
  EMULATED_REGION,
  type Emulator,
  hasEmulator,
  startEmulator,
} from '../../support/aws/emulator.ts';
import { billingMeter, type Meter } from '../../support/aws/meter.ts';
import { until } from '../../support/running-shop.ts';

/** Each test has a queue of its own: the last poll of a worker that stopped still waits at its queue for a while. */
const bottled = topology({ queues: { instant: {}, short: {}, single: {}, together: {} } });
type Queue = 'instant' | 'short' | 'single' | 'together';
const bottle = task('tests.tasks.bottle', { params: {}, ignoreResult: true });
const COUNT = 300;

const describeHere = hasEmulator('ministack') ? describe : describe.skip;

describeHere('SQS requests a task', () => {
  let emulator: Emulator;
  let meter: Meter;
  let backend: Backend;
  let client: Cellar;

  beforeAll(async () => {
    emulator = await startEmulator('ministack');
    const location = {
      region: EMULATED_REGION,
      account: EMULATED_ACCOUNT,
      prefix: 'costs',
      endpoint: emulator.endpoint,
    };
    await createOnAws(location)(planAws(bottled, location.prefix));
    meter = billingMeter(openAwsCalls(location, runtime));
    const { calls } = meter;
    backend = await openAws({ location, calls, runtime, acknowledge: 'delete', resultExpiresSeconds: 600 });
    client = await Cellar.open({ topology: bottled, backend });
  });

  afterAll(async () => {
    await client?.close();
    await backend?.broker.close();
    await emulator?.stop();
  });

  /** Works the queue empty; answers the requests a task since the last count, those of its sends included. */
  async function requestsATask(queue: Queue, taskMs = 0): Promise<number> {
    let done = 0;
    const bottling = worker({ queue }).handle(bottle, async () => {
      if (taskMs > 0) await new Promise((resolve) => runtime.clock.setTimer(taskMs, () => resolve(undefined)));
      done++;
    });
    const working = await Cellar.open({ topology: bottled, backend, handlers: [bottling] });
    await until(() => done === COUNT, 20_000);
    await working.close(); // the last deletes go after the last task
    expect(done).toBe(COUNT);
    return meter.sqsRequests() / COUNT;
  }

  it.each([
    ['instant', 0],
    ['short', 20],
  ] as const)(
    'at most 0.33 for a backlog of %s tasks (%i ms): sent, received and deleted in tens',
    async (queue, taskMs) => {
      meter.reset();
      await client.sendAll(
        Array.from({ length: COUNT }, () => bottle({})),
        { queue },
      );
      const requests = await requestsATask(queue, taskMs);
      expect(requests).toBeGreaterThanOrEqual(0.3);
      expect(requests).toBeLessThanOrEqual(0.33);
      expect(meter.counts()).toMatchObject({ dynamoWriteUnits: 0, snsRequests: 0, schedulerRequests: 0 });
    },
  );

  it('at most 1.25 for sends of which each is awaited', async () => {
    meter.reset();
    for (let sent = 0; sent < COUNT; sent++) await client.send(bottle({}), { queue: 'single' });
    const requests = await requestsATask('single');
    expect(requests).toBeGreaterThanOrEqual(1.2);
    expect(requests).toBeLessThanOrEqual(1.25);
  });

  it('at most 0.65 for ten sends at once', async () => {
    meter.reset();
    for (let round = 0; round < COUNT / 10; round++) {
      await Promise.all(Array.from({ length: 10 }, () => client.send(bottle({}), { queue: 'together' })));
    }
    const requests = await requestsATask('together');
    expect(requests).toBeGreaterThanOrEqual(0.3);
    expect(requests).toBeLessThanOrEqual(0.65);
  });
});
