/** Tasks marked `once` where publishing, storing and acknowledging are three steps. */
import { describe, expect, it } from '@jest/globals';
import { type BoundHandler, task, worker } from 'cellar';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { looseBackend } from './loose-backend.ts';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work' });
const child = task('tests.child', { params: {}, queue: 'other' });
const pay = task('tests.pay', { params: {}, queue: 'work', once: true });
const VISIBILITY_MS = 30_000;

async function open(handler: BoundHandler) {
  const loose = looseBackend();
  const rig = await openRig([handler], { backend: loose.wrap });
  return { rig, loose };
}

/** Runs the next delivery in a process that dies while it settles; the message is visible again after that. */
async function dieSettling(rig: Rig): Promise<void> {
  const settlement = await processDelivery(await rig.next(), rig.open.environment, new Set());
  void rig.cellar.backend.broker.settle([settlement]);
  await rig.clock.advance(VISIBILITY_MS);
}

async function idsIn(rig: Rig, queue: string, place: 'ready' | 'dead' = 'ready'): Promise<readonly string[]> {
  const peeked = await rig.cellar.admin.peek(queue, { place, limit: 100 });
  return peeked.map(({ message }) => message.correlationId);
}

describe('a task marked once on a broker without transactions', () => {
  it.each([
    ['store', 0],
    ['publish', 2],
  ] as const)('whose process dies after %s runs once, and its children come once', async (dieAfter, published) => {
    let runs = 0;
    const { rig, loose } = await open(
      work.handle(pay, ({ send }) => {
        runs++;
        send(child());
        send(child(), { countdown: runs }); // a second run would send another message
        return 'paid';
      }),
    );
    await rig.cellar.send(pay(), { taskId: 'p' });
    loose.dieAfter = dieAfter;
    await dieSettling(rig);
    const after = await rig.cellar.admin.counts(['other']);
    expect((after[0]?.ready ?? 0) + (after[0]?.delayed ?? 0)).toBe(published);
    const saved = (await rig.cellar.result('p').info())?.outbox;
    expect(saved).toHaveLength(2);

    const replay = await rig.step();
    expect(replay.publish).toEqual(saved);
    expect(runs).toBe(1);
    expect(await rig.stored('p')).toEqual({ state: 'SUCCESS', result: 'paid' });
    await rig.clock.advance(1_000);
    expect((await idsIn(rig, 'other')).toSorted()).toEqual(
      (saved ?? []).map(({ correlationId }) => correlationId).toSorted(),
    );
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('that failed is dead-lettered by the run that repeats it, with its errbacks', async () => {
    let runs = 0;
    const { rig, loose } = await open(
      work.handle(pay, () => {
        runs++;
        throw new TypeError('no money');
      }),
    );
    const errback = task('tests.errback', { params: {}, queue: 'other' });
    await rig.cellar.send(pay(), { taskId: 'p', linkError: [errback.partial({})] });
    loose.dieAfter = 'store';
    await dieSettling(rig);
    expect(await idsIn(rig, 'other')).toEqual([]);
    await rig.step();
    expect(runs).toBe(1);
    expect(await idsIn(rig, 'other')).toHaveLength(1);
    expect(await rig.reasons()).toEqual(['failed: TypeError: no money']);
  });

  it('that asked for a retry is retried by the run that repeats it', async () => {
    let runs = 0;
    const { rig, loose } = await open(
      work.handle(pay, ({ retry }) => (++runs === 1 ? retry({ countdown: 60 }) : runs)),
    );
    await rig.cellar.send(pay(), { taskId: 'p' });
    loose.dieAfter = 'store';
    await dieSettling(rig);
    await rig.step();
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 1, dead: 0 });
    await rig.clock.advance(60_000);
    await rig.step();
    expect(await rig.stored('p')).toEqual({ state: 'SUCCESS', result: 2 });
  });

  it('saves nothing where it publishes nothing', async () => {
    const { rig } = await open(work.handle(pay, () => 1));
    const { result } = await rig.run(pay());
    expect(result).toBeDefined();
    expect(result).not.toHaveProperty('outbox');
  });
});

describe('what is not saved', () => {
  const handler = work.handle(pay, ({ send }) => void send(child()));

  it('a task marked once on a transactional broker', async () => {
    const rig = await openRig([handler]);
    const { result, publish } = await rig.run(pay());
    expect(publish).toHaveLength(1);
    expect(result).not.toHaveProperty('outbox');
  });

  it('a task that may run again', async () => {
    const again = task('tests.again', { params: {}, queue: 'work' });
    const { rig } = await open(work.handle(again, ({ send }) => void send(child())));
    const { result, publish } = await rig.run(again());
    expect(publish).toHaveLength(1);
    expect(result).not.toHaveProperty('outbox');
  });
});
