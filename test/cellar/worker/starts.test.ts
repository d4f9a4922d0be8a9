/** Brokers that count every receive: who killed a process dies, and nobody who was near. */
import { describe, expect, it } from '@jest/globals';
import { CellarError, startWorker, task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Delivery } from '../../../shared/cellar/broker.ts';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { processBatch } from '../../../shared/cellar/worker/process-batch.ts';
import { type LooseBackend, looseBackend } from './loose-backend.ts';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work' });
const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });
const VISIBILITY_MS = 30_000;

async function open() {
  const started: string[] = [];
  const loose = looseBackend();
  const never = new Promise(() => undefined);
  const handler = work.handle(job, async (_context, { name }) => {
    started.push(name);
    if (name === 'poison') await never; // the process is dead
  });
  const rig = await openRig([handler], { backend: loose.wrap });
  const send = async (...names: readonly string[]) => {
    for (const name of names) await rig.cellar.send(job({ name }), { taskId: name });
  };
  return { rig, loose, started, send };
}

async function takeAll(rig: Rig): Promise<readonly Delivery[]> {
  return await rig.cellar.backend.broker.receive('work', { maxMessages: 10, waitMs: 0 });
}

/** One call of a function with everything that is there; ended by its death where the poison runs. */
async function call(rig: Rig): Promise<void> {
  const batch = await takeAll(rig);
  const { broker } = rig.cellar.backend;
  void processBatch(batch, {
    environment: rig.open.environment,
    concurrency: 1,
    settle: (settlements) => broker.settle(settlements),
  });
  await rig.clock.settle();
  await rig.clock.settle();
  await rig.clock.advance(VISIBILITY_MS);
}

describe('a message that kills its process', () => {
  it('dies after as many starts as its queue allows, and no innocent message of its batches with it', async () => {
    const { rig, started, send } = await open();
    const innocent = ['a', 'b', 'c', 'd'];
    await send('poison', ...innocent);
    let calls = 0;
    for (; (await rig.counts()).ready > 0 && calls < 20; calls++) await call(rig);
    // The first start is not counted: nothing told it from an innocent delivery.
    expect(started.filter((name) => name === 'poison')).toHaveLength(1 + 5);
    expect(calls).toBe(7);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 1 });
    expect(await rig.reasons()).toEqual(['failed: WorkerLostError: delivered 5 times without an outcome, allowed: 5']);
    for (const name of innocent) expect(await rig.stored(name)).toMatchObject({ state: 'SUCCESS' });
    expect(await rig.stored('poison')).toMatchObject({ state: 'FAILURE' });
  });

  it('does not hold up those of another batch', async () => {
    const { rig, started, send } = await open();
    await send('poison');
    await call(rig);
    await send('late');
    await call(rig);
    expect(started).toEqual(['poison', 'late', 'poison']);
    expect(await rig.stored('late')).toMatchObject({ state: 'SUCCESS' });
  });
});

describe('a message that was received often', () => {
  it('is run however often it was given back', async () => {
    const { rig, loose, started, send } = await open();
    await send('shy');
    const { broker } = rig.cellar.backend;
    for (let time = 0; time < 20; time++) {
      const [delivery] = await takeAll(rig);
      if (delivery === undefined) throw new Error('a delivery was expected');
      await broker.settle([{ delivery, publish: [], disposition: { kind: 'release', delaySeconds: 0 } }]);
    }
    await rig.step();
    expect(started).toEqual(['shy']);
    expect([...loose.starts.values()]).toEqual([0]);
  });

  it('is counted at no cost the first time', async () => {
    const { rig, loose, send } = await open();
    await send('a');
    await rig.step();
    expect(loose.starts.size).toBe(0);
  });

  it('does not count a start that came to an outcome, even if that was a failure or a retry', async () => {
    const loose = looseBackend();
    const flaky = task('tests.flaky', { params: {}, queue: 'work', retry: { maxRetries: 1, delaySeconds: 0 } });
    const handler = work.handle(flaky, () => {
      throw new Error('flaky');
    });
    const rig = await openRig([handler], { backend: loose.wrap });
    await rig.cellar.send(flaky());
    await rig.next();
    await rig.clock.advance(VISIBILITY_MS);
    expect((await rig.step()).result?.state).toBe('RETRY');
    await rig.next();
    await rig.clock.advance(VISIBILITY_MS);
    expect((await rig.step()).result?.state).toBe('FAILURE');
    expect([...loose.starts.values()]).toEqual([0, 0]);
  });

  it('is given back while its starts cannot be counted', async () => {
    const loose = looseBackend({
      attempts: {
        begin: () => Promise.reject(new CellarError('store-unavailable', 'away')),
        unfinished: () => Promise.reject(new CellarError('store-unavailable', 'away')),
        ended: () => Promise.reject(new CellarError('store-unavailable', 'away')),
      },
    });
    const rig = await openRig([work.handle(job, () => undefined)], { backend: loose.wrap });
    await rig.cellar.send(job({ name: 'a' }));
    await rig.next();
    await rig.clock.advance(VISIBILITY_MS);
    expect((await rig.step()).disposition).toEqual({ kind: 'release', delaySeconds: 5 });
  });
});

interface Before {
  /** Messages that were out so many times. */
  readonly again: readonly string[];
  readonly times: number;
  readonly fresh?: readonly string[];
}

/** A worker whose tasks run until the test ends them, and what is in its queue before it starts. */
async function openWaiting(loose: LooseBackend, { again, times, fresh = [] }: Before) {
  const running = new Map<string, () => void>();
  const counts: Record<string, number> = {};
  const handler = work.handle(job, ({ request }, { name }) => {
    counts[name] = request.deliveryCount;
    return new Promise<void>((resolve) => running.set(name, resolve));
  });
  const rig = await openRig([handler], { backend: loose.wrap });
  for (const name of again) await rig.cellar.send(job({ name }));
  for (let time = 0; time < times; time++) {
    await takeAll(rig);
    await rig.clock.advance(VISIBILITY_MS);
  }
  for (const name of fresh) await rig.cellar.send(job({ name }));
  const startIt = async () => {
    const started = await startWorker(rig.cellar, rig.handlers);
    await rig.clock.settle();
    return started;
  };
  const endAll = async () => {
    for (const [name, finish] of running) {
      running.delete(name);
      finish();
    }
    await rig.clock.settle();
  };
  return { rig, running, counts, startIt, endAll };
}

describe('a worker that holds messages for later', () => {
  it('runs what comes again last and alone, and gives back nothing: that would come as if it had killed a process', async () => {
    const loose = looseBackend();
    const { rig, running, counts, startIt, endAll } = await openWaiting(loose, {
      again: ['again'],
      times: 1,
      fresh: ['a', 'b', 'c'],
    });
    const started = await startIt();
    expect([...running.keys()]).toEqual(['a', 'b', 'c']);
    expect(await rig.counts()).toMatchObject({ ready: 0, inFlight: 4 });
    await rig.cellar.send(job({ name: 'late' }));
    await endAll();
    expect([...running.keys()]).toEqual(['again']);
    // What was done is settled, and nothing is taken that a death would hide.
    expect(await rig.counts()).toMatchObject({ ready: 1, inFlight: 1 });
    await endAll();
    expect([...running.keys()]).toEqual(['late']);
    await endAll();
    await started.stop();
    expect(counts).toEqual({ again: 2, a: 1, b: 1, c: 1, late: 1 });
    expect([...loose.starts.values()]).toEqual([0]);
    expect(loose.asked).toEqual([]);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('runs side by side what came three times and was not started at the second', async () => {
    const loose = looseBackend();
    const { running, startIt, endAll } = await openWaiting(loose, { again: ['poison', 'a', 'b'], times: 2 });
    loose.starts.set('m1', 1); // the message of `poison`
    const started = await startIt();
    expect([...running.keys()]).toEqual(['a', 'b']);
    await endAll();
    expect([...running.keys()]).toEqual(['poison']);
    expect(loose.asked).toEqual([['m1', 'm2', 'm3']]);
    await endAll();
    await started.stop();
    expect([...loose.starts.values()]).toEqual([1, 0, 0]);
  });

  it('runs one by one what came three times while the store does not say what was started', async () => {
    const attempts = {
      begin: async () => 1,
      unfinished: () => Promise.reject(new CellarError('store-unavailable', 'away')),
      ended: async () => undefined,
    };
    const { rig, running, startIt, endAll } = await openWaiting(looseBackend({ attempts }), {
      again: ['a', 'b'],
      times: 2,
    });
    const started = await startIt();
    expect([...running.keys()]).toEqual(['a']);
    expect(rig.logged.join()).toContain('cannot ask which starts came to no outcome');
    await endAll();
    expect([...running.keys()]).toEqual(['b']);
    await endAll();
    await started.stop();
  });

  it('runs side by side what was given back, and counts its starts', async () => {
    const loose = looseBackend();
    loose.isGivenBack = true;
    const { running, startIt, endAll } = await openWaiting(loose, { again: ['a', 'b', 'c'], times: 3 });
    const started = await startIt();
    expect([...running.keys()]).toEqual(['a', 'b', 'c']);
    expect([...loose.starts.values()]).toEqual([1, 1, 1]);
    expect(loose.asked).toEqual([]);
    await endAll();
    await started.stop();
  });
});

describe('where no store counts starts', () => {
  it('the broker’s count of receives stands for them', async () => {
    const ran: string[] = [];
    const handler = work.handle(job, (_context, { name }) => void ran.push(name));
    const rig = await openRig([handler], {
      backend: (memory) => {
        const { attempts: _none, ...backend } = looseBackend().wrap(memory);
        return backend;
      },
    });
    await rig.cellar.send(job({ name: 'a' }), { taskId: 'a' });
    const delivery = await rig.next();
    const process = (deliveryCount: number) =>
      processDelivery({ ...delivery, deliveryCount }, rig.open.environment, new Set());
    expect(await process(5)).toMatchObject({ disposition: { kind: 'ack' } });
    expect(await process(6)).toMatchObject({
      disposition: { kind: 'dead', reason: expect.stringContaining('delivered 5 times without an outcome') },
    });
    expect(ran).toEqual(['a']);
    await rig.cellar.close();
  });
});
