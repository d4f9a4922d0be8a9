import { describe, expect, it } from '@jest/globals';
import { CellarError, task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Delivery, Settlement } from '../../../shared/cellar/broker.ts';
import { type BatchOptions, processBatch } from '../../../shared/cellar/worker/process-batch.ts';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work' });
const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });
const slow = task('tests.slow', { params: { name: z.string() }, queue: 'work', timeLimitSeconds: 20 });

async function openBatch(order: string[], during: (name: string) => unknown = () => undefined) {
  const rig = await openRig([
    work.handle(job, async (_context, { name }) => {
      order.push(name);
      await during(name);
    }),
    work.handle(slow, (_context, { name }) => {
      order.push(name);
    }),
  ]);
  const { broker } = rig.cellar.backend;
  /** Eight messages at most, several of one group in one answer, as SQS gives them. */
  async function batchOf(names: readonly string[], options: { readonly limited?: boolean } = {}): Promise<Delivery[]> {
    const deliveries: Delivery[] = [];
    for (const name of names) {
      await rig.cellar.send(options.limited === true ? slow({ name }) : job({ name }));
      const delivery = await rig.next();
      deliveries.push(name.includes('-') ? { ...delivery, messageGroup: name.split('-', 1)[0] ?? '' } : delivery);
    }
    return deliveries;
  }
  const options = (more: Partial<BatchOptions> = {}): BatchOptions => ({
    environment: rig.open.environment,
    concurrency: 10,
    settle: (settlements) => broker.settle(settlements),
    ...more,
  });
  return { rig, batchOf, options };
}

function namesOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ message }) => JSON.parse(String(message.body))[0][0]);
}

async function left(rig: Rig): Promise<number> {
  const { ready, inFlight } = await rig.counts();
  return ready + inFlight;
}

describe('processBatch', () => {
  it('settles everything and names nothing when all went well, failed tasks among them', async () => {
    const order: string[] = [];
    const { rig, batchOf, options } = await openBatch(order, (name) => {
      if (name === 'b') throw new Error('bad');
    });
    expect(await processBatch(await batchOf(['a', 'b', 'c']), options())).toEqual([]);
    expect(await left(rig)).toBe(0);
    expect((await rig.counts()).dead).toBe(1);
  });

  it('answers nothing for an empty batch', async () => {
    const { options } = await openBatch([]);
    expect(await processBatch([], options())).toEqual([]);
  });

  it.each([
    ['answered', async () => [{ status: 'failed' as const, reason: 'away' }]],
    ['thrown', () => Promise.reject(new Error('away'))],
  ])(
    'names a message whose settlement failed (%s) with all later ones of its group; others go on',
    async (_how, fault) => {
      const order: string[] = [];
      const { rig, batchOf, options } = await openBatch(order);
      const { broker } = rig.cellar.backend;
      const settle = (settlements: readonly Settlement[]) =>
        namesOf(settlements.map(({ delivery }) => delivery))[0] === 'g-2' ? fault() : broker.settle(settlements);
      const batch = await batchOf(['g-1', 'h-1', 'g-2', 'h-2', 'g-3', 'x', 'g-4']);
      const failures = await processBatch(batch, options({ settle }));
      expect(namesOf(failures)).toEqual(['g-2', 'g-3', 'g-4']);
      expect(order.filter((name) => name.startsWith('g'))).toEqual(['g-1', 'g-2']);
      expect(order.filter((name) => name.startsWith('h'))).toEqual(['h-1', 'h-2']);
      expect(await left(rig)).toBe(3);
    },
  );

  it('runs nothing while nobody knows what is revoked: all are named, and come again after a pause', async () => {
    const order: string[] = [];
    const { rig, batchOf, options } = await openBatch(order);
    const results = { ...rig.open.environment.results, revoked: () => Promise.reject(new Error('away')) };
    const environment = { ...rig.open.environment, results };
    const batch = await batchOf(['g-1', 'g-2', 'x']);
    expect(await processBatch(batch, options({ environment }))).toEqual(batch);
    expect(order).toEqual([]);
    expect(await rig.counts()).toMatchObject({ inFlight: 0, delayed: 3 });
    expect(rig.logged.join()).toContain('cannot ask which tasks are revoked: Error: away');
  });

  it('gives back at once what waits behind a message that it released', async () => {
    const order: string[] = [];
    const { rig, batchOf, options } = await openBatch(order);
    const batch = await batchOf(['g-1', 'g-2', 'g-3']);
    const [head] = batch;
    const attempts = {
      begin: () => Promise.reject(new CellarError('store-unavailable', 'away')),
      unfinished: async () => new Set<string>(),
      ended: async () => undefined,
    };
    const capabilities = { ...rig.open.environment.capabilities, deliveryCount: 'every-receive' as const };
    const suspect = { ...head, deliveryCount: 2, messageId: 'm' } as Delivery;
    const failures = await processBatch(
      [suspect, ...batch.slice(1)],
      options({ environment: { ...rig.open.environment, attempts, capabilities } }),
    );
    expect(namesOf(failures)).toEqual(['g-1', 'g-2', 'g-3']);
    expect(order).toEqual([]);
    expect(await rig.counts()).toMatchObject({ ready: 2, inFlight: 0, delayed: 1 });
  });

  it('runs a group one at a time, groups side by side up to the concurrency', async () => {
    const running = new Set<string>();
    let most = 0;
    const order: string[] = [];
    const { batchOf, options } = await openBatch(order, async (name) => {
      running.add(name);
      most = Math.max(most, running.size);
      expect([...running].filter((other) => other[0] === name[0])).toEqual([name]);
      await new Promise((resolve) => setImmediate(resolve));
      running.delete(name);
    });
    const batch = await batchOf(['a-1', 'a-2', 'b-1', 'b-2', 'c-1', 'd-1']);
    await processBatch(batch, options({ concurrency: 2 }));
    expect(order).toHaveLength(6);
    expect(most).toBe(2);
  });

  it('runs what was out before last and alone', async () => {
    const order: string[] = [];
    const { batchOf, options } = await openBatch(order);
    const batch = await batchOf(['suspect', 'a', 'b']);
    await processBatch(
      batch.map((delivery, index) => (index === 0 ? { ...delivery, deliveryCount: 2 } : delivery)),
      options(),
    );
    expect(order).toEqual(['a', 'b', 'suspect']);
  });

  it('takes off the queue what is done before it runs what may end the process', async () => {
    const order: string[] = [];
    const { rig, batchOf, options } = await openBatch(order);
    const batch = await batchOf(['suspect', 'a', 'g-1', 'g-2', 'b']);
    const isOut = (delivery: Delivery) => ['suspect', 'g-1'].includes(namesOf([delivery])[0] ?? '');
    const acknowledgeNow = async (done: readonly Delivery[]) => {
      order.push(`off: ${namesOf(done).join()}`);
      throw new CellarError('broker-unavailable', 'away');
    };
    const failures = await processBatch(
      batch.map((delivery) => (isOut(delivery) ? { ...delivery, deliveryCount: 2 } : delivery)),
      options({ acknowledgeNow }),
    );
    expect(order).toEqual(['a', 'b', 'off: a,b', 'suspect', 'off: suspect', 'g-1', 'g-2']);
    expect(failures).toEqual([]);
    expect(rig.logged.join()).toContain('not taken off the queue before the function returns: CellarError: away');
  });

  it('starts nothing that the time left cannot hold', async () => {
    const order: string[] = [];
    const { rig, batchOf, options } = await openBatch(order);
    const batch = await batchOf(['g-1', 'g-2', 'g-3'], { limited: true });
    const times = [60_000, 60_000, 30_000, 10_000];
    const failures = await processBatch(batch, options({ remainingMs: () => times.shift() ?? 0 }));
    expect(order).toEqual(['g-1', 'g-2']);
    expect(namesOf(failures)).toEqual(['g-3']);
    expect(await left(rig)).toBe(1);
  });

  it('starts a task whose limit is longer than a whole call while half of the call is left, rather than never', async () => {
    const order: string[] = [];
    const { batchOf, options } = await openBatch(order);
    const batch = await batchOf(['g-1', 'g-2'], { limited: true });
    const times = [10_000, 10_000, 4000];
    const failures = await processBatch(batch, options({ remainingMs: () => times.shift() ?? 0 }));
    expect(order).toEqual(['g-1']);
    expect(namesOf(failures)).toEqual(['g-2']);
  });
});
