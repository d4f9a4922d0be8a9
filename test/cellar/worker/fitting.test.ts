/** A result store that limits what one update may have. */
import { describe, expect, it } from '@jest/globals';
import { type BoundHandler, task, worker } from 'cellar';
import * as z from 'zod/mini';
import { looseBackend } from './loose-backend.ts';
import { openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const job = task('tests.job', { params: { text: z.string() }, queue: 'work' });
const child = task('tests.child', { params: { text: z.string() }, queue: 'other' });
const pay = task('tests.pay', { params: {}, queue: 'work', once: true });
const MAX_BYTES = 20_000;
const LARGE = 'ü'.repeat(30_000);

async function open(handler: BoundHandler) {
  const { wrap } = looseBackend({ maxUpdateBytes: MAX_BYTES });
  const rig = await openRig([handler], { backend: wrap });
  return rig;
}

describe('a result store with a limit', () => {
  it('is given no larger result: the task has failed, and says why', async () => {
    const rig = await open(work.handle(job, () => LARGE));
    await rig.cellar.send(job({ text: 'a' }), { taskId: 'j' });
    await rig.step();
    const message = 'allowed by this result store: at most 20000';
    expect(await rig.stored('j')).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'CellarError', exc_message: [expect.stringContaining(message)] },
    });
    expect(await rig.reasons()).toEqual([expect.stringContaining(message)]);
  });

  it('is given the beginning of arguments, tracebacks and messages that are too long for it', async () => {
    const rig = await open(
      work.handle(job, () => {
        throw new RangeError(`too much: ${LARGE}`);
      }),
    );
    await rig.cellar.send(job({ text: LARGE }), { taskId: 'j' });
    await rig.step();
    const stored = await rig.cellar.result('j').info();
    expect(stored?.state).toBe('FAILURE');
    expect(JSON.parse(stored?.args ?? '')).toMatch(/^\["ü+…$/);
    expect(JSON.parse(stored?.result ?? '')).toMatchObject({
      exc_type: 'RangeError',
      exc_message: [expect.stringMatching(/^too much: ü+$/)],
    });
    expect(stored?.traceback).toMatch(/^RangeError: too much: ü+$/);
  });

  it('is given small results whole', async () => {
    const rig = await open(work.handle(job, () => 'fine'));
    await rig.cellar.send(job({ text: 'a' }), { taskId: 'j' });
    await rig.step();
    expect(await rig.cellar.result('j').info()).toMatchObject({ state: 'SUCCESS', result: '"fine"', args: '["a"]' });
  });

  it('keeps a task marked once from sending more than can be saved: nothing of it is sent', async () => {
    const rig = await open(work.handle(pay, ({ send }) => void send(child({ text: LARGE }))));
    await rig.cellar.send(pay(), { taskId: 'p' });
    const { publish } = await rig.step();
    expect(publish).toEqual([]);
    expect(await rig.stored('p')).toMatchObject({
      state: 'FAILURE',
      result: { exc_message: [expect.stringContaining('the messages of a task marked once have')] },
    });
  });

  it('tells a handler at once that its own state is too large', async () => {
    const faults: unknown[] = [];
    const rig = await open(
      work.handle(job, async ({ updateState }) => {
        await updateState('PROGRESS', LARGE).catch((error: unknown) => faults.push(error));
        await updateState('PROGRESS', 'half');
      }),
    );
    await rig.cellar.send(job({ text: 'a' }), { taskId: 'j' });
    expect((await rig.step()).result?.state).toBe('SUCCESS');
    expect(faults).toMatchObject([{ code: 'message-too-large' }]);
  });
});
