import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { openRig } from './rig.ts';

const work = worker({ queue: 'work' });

describe('a task marked once', () => {
  const pay = task('tests.pay', { params: {}, queue: 'work', once: true, retry: { maxRetries: 1, delaySeconds: 1 } });
  let runs = 0;

  it('that has run to its end is not run when it comes again', async () => {
    runs = 0;
    const rig = await openRig([work.handle(pay, () => ++runs)]);
    await rig.cellar.send(pay(), { taskId: 'p' });
    await rig.work();
    await rig.clock.advance(600_000); // the deduplication id is forgotten by then
    await rig.cellar.send(pay(), { taskId: 'p' });
    expect(await rig.work()).toBe(1);
    expect(runs).toBe(1);
    expect(await rig.stored('p')).toEqual({ state: 'SUCCESS', result: 1 });
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('is guarded also where its result is ignored', async () => {
    runs = 0;
    const quiet = task('tests.quiet', { params: {}, queue: 'work', once: true, ignoreResult: true });
    const rig = await openRig([work.handle(quiet, () => ++runs)]);
    for (let time = 0; time < 2; time++) {
      await rig.cellar.send(quiet(), { taskId: 'q' });
      await rig.work();
      await rig.clock.advance(2_000_000);
    }
    expect(runs).toBe(1);
  });

  it('that runs elsewhere is put back until that run has ended', async () => {
    runs = 0;
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const rig = await openRig([
      work.handle(pay, async () => {
        runs++;
        await gate;
      }),
    ]);
    await rig.cellar.send(pay(), { taskId: 'p' });
    const first = await rig.next();
    const running = processDelivery(first, rig.open.environment, new Set());
    await rig.clock.settle();
    await rig.clock.advance(30_000); // its visibility ran out, another worker gets it
    const second = await rig.step();
    expect(second.disposition).toEqual({ kind: 'release', delaySeconds: 30 });
    expect(runs).toBe(1);
    finish();
    await running;
  });

  it('runs again on a retry, which is another attempt', async () => {
    runs = 0;
    const rig = await openRig([
      work.handle(pay, () => {
        if (++runs === 1) throw new Error('not yet');
        return runs;
      }),
    ]);
    await rig.cellar.send(pay(), { taskId: 'p' });
    await rig.work();
    await rig.clock.advance(1000);
    await rig.work();
    expect(await rig.stored('p')).toEqual({ state: 'SUCCESS', result: 2 });
  });

  it('runs again after a redrive', async () => {
    runs = 0;
    const strict = task('tests.strict', { params: {}, queue: 'work', once: true });
    const rig = await openRig([
      work.handle(strict, () => {
        if (++runs === 1) throw new Error('broken');
        return runs;
      }),
    ]);
    await rig.cellar.send(strict(), { taskId: 's' });
    await rig.work();
    await rig.cellar.admin.redrive('work');
    await rig.work();
    expect(await rig.stored('s')).toEqual({ state: 'SUCCESS', result: 2 });
  });
});
