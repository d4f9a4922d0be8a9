import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Settlement } from '../../../shared/cellar/broker.ts';
import { openRig, type Rig, type RigOptions } from './rig.ts';

const work = worker({ queue: 'work' });
const limited = task('tests.limited', { params: {}, queue: 'work', timeLimitSeconds: 10, softTimeLimitSeconds: 5 });
const unlimited = task('tests.unlimited', { params: {}, queue: 'work' });
const child = task('tests.child', { params: { text: z.string() }, queue: 'other' });

const forever = () => new Promise<never>(() => undefined);

/** Starts the next delivery and lets time pass until it is settled; answers after how many seconds that was. */
async function secondsToSettle(
  rig: Rig,
  most: number,
): Promise<{ seconds: number; settlement: Settlement | undefined }> {
  let settlement: Settlement | undefined;
  void rig.step().then((value) => {
    settlement = value;
  });
  await rig.clock.settle();
  for (let seconds = 0; seconds <= most; seconds++) {
    if (settlement !== undefined) return { seconds, settlement };
    await rig.clock.advance(1000);
  }
  return { seconds: most, settlement };
}

describe('the hard limit', () => {
  it('ends the task as FAILURE TimeLimitExceeded; what it does afterwards has no effect', async () => {
    const late: unknown[] = [];
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const rig = await openRig([
      work.handle(limited, async ({ send, sendNow, publish, updateState }) => {
        send(child({ text: 'before' }));
        await gate;
        for (const act of [
          async () => send(child({ text: 'after' })),
          async () => publish('events', 'sold', child({ text: 'after' })),
          () => sendNow(child({ text: 'after' })),
          () => updateState('PROGRESS', 1),
        ]) {
          await act().catch((error: { code: string }) => late.push(error.code));
        }
        return 'too late';
      }),
    ]);
    const { id } = await rig.cellar.send(limited());
    const { seconds, settlement } = await secondsToSettle(rig, 20);
    expect(seconds).toBe(10);
    expect(settlement).toMatchObject({ publish: [], disposition: { kind: 'dead' } });
    finish();
    await rig.clock.settle();
    expect(late).toEqual(['closed', 'closed', 'closed', 'closed']);
    expect(await rig.stored(id)).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'TimeLimitExceeded', exc_message: [10], exc_module: 'billiard.exceptions' },
    });
    expect((await rig.cellar.admin.counts(['other']))[0]?.ready).toBe(0);
  });

  it('counts from the message before the contract before the settings', async () => {
    const rig = async (options?: RigOptions) =>
      openRig([work.handle(limited, forever), work.handle(unlimited, forever)], options);
    const byMessage = await rig();
    await byMessage.cellar.send(limited(), { timeLimitSeconds: 3 });
    expect((await secondsToSettle(byMessage, 20)).seconds).toBe(3);
    const bySettings = await rig({ environment: { CELLAR_TASK_TIME_LIMIT: '7' } });
    await bySettings.cellar.send(unlimited());
    expect((await secondsToSettle(bySettings, 20)).seconds).toBe(7);
    const byContract = await rig({ environment: { CELLAR_TASK_TIME_LIMIT: '7' } });
    await byContract.cellar.send(limited());
    expect((await secondsToSettle(byContract, 20)).seconds).toBe(10);
  });

  it('of a retried task is retried', async () => {
    const again = task('tests.again', { params: {}, queue: 'work', timeLimitSeconds: 1, retry: { delaySeconds: 1 } });
    const rig = await openRig([work.handle(again, forever)]);
    const { id } = await rig.cellar.send(again());
    await secondsToSettle(rig, 5);
    expect((await rig.stored(id)).state).toBe('RETRY');
  });
});

describe('the soft limit', () => {
  it('fires the signal; a handler that heeds it ends as it likes', async () => {
    const rig = await openRig([
      work.handle(
        limited,
        ({ signal }) =>
          new Promise((resolve) => {
            signal.addEventListener('abort', () => resolve(String(signal.reason)));
          }),
      ),
    ]);
    const { id } = await rig.cellar.send(limited());
    expect((await secondsToSettle(rig, 20)).seconds).toBe(5);
    expect(await rig.stored(id)).toEqual({
      state: 'SUCCESS',
      result: 'SoftTimeLimitExceeded: soft time limit of 5 s exceeded',
    });
  });

  it('thrown on by the handler is Celery’s exception', async () => {
    const rig = await openRig([
      work.handle(
        limited,
        ({ signal }) =>
          new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => reject(signal.reason));
          }),
      ),
    ]);
    const { id } = await rig.cellar.send(limited());
    await secondsToSettle(rig, 20);
    expect(await rig.stored(id)).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'SoftTimeLimitExceeded', exc_message: [5] },
    });
  });

  it('does not fire for a task that was quick, nor does it leave a timer', async () => {
    let signalOfRun: AbortSignal | undefined;
    const rig = await openRig([
      work.handle(limited, ({ signal }) => {
        signalOfRun = signal;
      }),
    ]);
    await rig.run(limited());
    await rig.clock.advance(60_000);
    expect(signalOfRun?.aborted).toBe(false);
  });
});
