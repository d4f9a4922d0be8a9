import { describe, expect, it } from '@jest/globals';
import { startWorker, task, worker } from 'cellar';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const named = (name: string, options: { readonly timeLimitSeconds?: number }) =>
  work.handle(task(name, { params: {}, queue: 'work', ...options }), () => undefined);

/** The broker in memory, if it took back what is held for half an hour. */
function holding(memory: Backend): Backend {
  const { broker } = memory;
  return {
    ...memory,
    broker: {
      capabilities: { ...broker.capabilities, maxHoldSeconds: 1_800 },
      declare: (topology) => broker.declare(topology),
      publish: (messages) => broker.publish(messages),
      receive: (queue, options) => broker.receive(queue, options),
      settle: (settlements) => broker.settle(settlements),
      extend: (deliveries, seconds) => broker.extend(deliveries, seconds),
      close: () => broker.close(),
    },
  };
}

describe('a broker that takes back what is held for long', () => {
  it('is asked at the start: a longer time limit is refused, naming the task', async () => {
    const rig = await openRig([named('tests.long', { timeLimitSeconds: 1_800 })], { backend: holding });
    await expect(startWorker(rig.cellar, rig.handlers)).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringContaining('the time limit of tests.long is 1800 s, allowed: less than 1800 s'),
    });
    await rig.cellar.close();
  });

  it('takes tasks without a limit with a warning, and those with a shorter one without', async () => {
    const handlers = [named('tests.short', { timeLimitSeconds: 60 }), named('tests.endless', {})];
    const rig = await openRig(handlers, { backend: holding });
    await (await startWorker(rig.cellar, rig.handlers)).stop();
    expect(rig.logged.filter((line) => line.startsWith('warn'))).toEqual([
      'warn tasks without a time limit: the broker takes back what runs longer than 1800 s',
    ]);
    await rig.cellar.close();
  });

  it('takes the limit of the settings for tasks without one', async () => {
    const environment = { CELLAR_TASK_TIME_LIMIT: '3600' };
    const rig = await openRig([named('tests.endless', {})], { backend: holding, environment });
    await expect(startWorker(rig.cellar, rig.handlers)).rejects.toMatchObject({ code: 'not-supported' });
    await rig.cellar.close();
  });
});
