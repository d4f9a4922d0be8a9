import { describe, expect, it } from '@jest/globals';
import { chain, task, worker } from 'cellar';
import * as z from 'zod/mini';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work' });
const loop = task('tests.loop', { params: {}, queue: 'work' });
const step = task('tests.step', { params: {}, queue: 'work', retry: { maxRetries: 3, delaySeconds: 0 } });
const after = task('tests.after', { params: { value: z.unknown() }, queue: 'work' });

async function hopsWaiting(rig: Rig): Promise<readonly unknown[]> {
  const peeked = await rig.cellar.admin.peek('work', { place: 'ready', limit: 100 });
  return peeked.map(({ message }) => message.headers['x-cellar-hops']);
}

describe('hops', () => {
  it('are counted from task to task: what a program sends has none', async () => {
    const rig = await openRig([work.handle(loop, ({ send }) => void send(loop()))]);
    await rig.cellar.send(loop());
    expect(await hopsWaiting(rig)).toEqual([undefined]);
    for (let hops = 1; hops <= 3; hops++) {
      await rig.step();
      expect(await hopsWaiting(rig)).toEqual([hops]);
    }
  });

  it('are counted along a chain, a link and an exchange too', async () => {
    const rig = await openRig([
      work.handle(step, ({ publish }) => {
        publish('events', 'sold.red', loop());
      }),
    ]);
    await rig.cellar.send(chain(step({}, { link: [after.partial({})] }), after.partial({})));
    const { publish } = await rig.step();
    expect(publish.map(({ headers }) => headers['x-cellar-hops'])).toEqual([1, 1, 1]);
  });

  it('are not counted by a retry', async () => {
    const rig = await openRig([
      work.handle(step, () => {
        throw new Error('again');
      }),
    ]);
    await rig.cellar.send(step());
    await rig.step();
    expect(await hopsWaiting(rig)).toEqual([undefined]);
  });

  it('above the limit end in FAILURE: tasks that send one another for ever stop', async () => {
    const rig = await openRig([work.handle(loop, ({ send }) => void send(loop()))], {
      environment: { CELLAR_TASK_MAX_HOPS: '7' },
    });
    await rig.cellar.send(loop());
    expect(await rig.work()).toBe(9);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 1 });
    expect(await rig.reasons()).toEqual(['failed: HopLimitExceeded: 8 tasks sent one another, allowed: 7']);
    expect((await rig.cellar.results.list({ limit: 1 }))[0]).toMatchObject({ state: 'FAILURE' });
  });
});
