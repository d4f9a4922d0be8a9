import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { lambdaWorker, toSqsRecord } from 'cellar/lambda';
import { openRig, workTopology } from '../worker/rig.ts';

const work = worker({ queue: 'work' });
const other = worker({ queue: 'other' });
const job = task('tests.job', { params: {}, queue: 'work' });
const later = task('tests.later', { params: {}, queue: 'work' });
const ENOUGH = { getRemainingTimeInMillis: () => 60_000 };

describe('lambdaWorker', () => {
  it('runs the handlers of a folder', async () => {
    const ran: string[] = [];
    const handlers = [work.handle(job, () => void ran.push('job')), work.handle(later, () => void ran.push('later'))];
    const rig = await openRig(handlers);
    const handler = lambdaWorker({ topology: workTopology, handlers, open: async () => rig.cellar });
    await rig.cellar.send(later());
    await rig.cellar.send(job());
    const Records = [toSqsRecord(await rig.next()), toSqsRecord(await rig.next())];
    expect(await handler({ Records }, ENOUGH)).toEqual({ batchItemFailures: [] });
    expect(ran.toSorted()).toEqual(['job', 'later']);
  });

  it.each([
    ['no handler', [], 'none'],
    ['handlers of two queues', [work.handle(job, () => undefined), other.handle(job, () => undefined)], 'work, other'],
  ])('refuses %s', (_what, handlers, queues) => {
    expect(() => lambdaWorker({ topology: workTopology, handlers })).toThrow(
      `a function has handlers of the queues ${queues}, allowed: of one queue`,
    );
  });

  it('refuses two handlers of one task', () => {
    const handlers = [work.handle(job, () => 1), work.handle(job, () => 2)];
    expect(() => lambdaWorker({ topology: workTopology, handlers })).toThrow('has two handlers');
  });
});
