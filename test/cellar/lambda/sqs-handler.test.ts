import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { sqsHandler, toSqsRecord } from 'cellar/lambda';
import * as z from 'zod/mini';
import { openRig } from '../worker/rig.ts';

const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });
const ENOUGH = { getRemainingTimeInMillis: () => 60_000 };

describe('sqsHandler', () => {
  it('opens the client and the context once, at the first event', async () => {
    let clients = 0;
    let contexts = 0;
    const work = worker({ queue: 'work', context: () => ({ number: ++contexts }) });
    const seen: number[] = [];
    const rig = await openRig([work.handle(job, ({ number }) => void seen.push(number))]);
    contexts = 0; // the rig opened one for itself
    const handler = sqsHandler(rig.handlers, async () => {
      clients++;
      return rig.cellar;
    });
    expect([clients, contexts]).toEqual([0, 0]);
    for (const name of ['a', 'b']) {
      await rig.cellar.send(job({ name }));
      const event = { Records: [toSqsRecord(await rig.next())] };
      expect(await handler(event, ENOUGH)).toEqual({ batchItemFailures: [] });
    }
    expect([clients, contexts, seen]).toEqual([1, 1, [1, 1]]);
  });

  it('opens again after an opening that failed', async () => {
    let tries = 0;
    const work = worker({ queue: 'work' });
    const rig = await openRig([work.handle(job, () => undefined)]);
    const handler = sqsHandler(rig.handlers, async () => {
      if (++tries === 1) throw new Error('no secret');
      return rig.cellar;
    });
    await expect(handler({ Records: [] }, ENOUGH)).rejects.toThrow('no secret');
    expect(await handler({ Records: [] }, ENOUGH)).toEqual({ batchItemFailures: [] });
    expect(tries).toBe(2);
  });

  it('names the records that must come again by their message ids', async () => {
    const work = worker({ queue: 'work' });
    const rig = await openRig([work.handle(job, () => undefined)]);
    const handler = sqsHandler(rig.handlers, async () => rig.cellar);
    await rig.cellar.send(job({ name: 'a' }));
    await rig.cellar.send(job({ name: 'b' }));
    const first = toSqsRecord(await rig.next());
    const second = { ...toSqsRecord(await rig.next()), messageId: 'second' };
    const times = [60_000, 60_000, 0];
    const event = { Records: [first, second] };
    const answer = await handler(event, { getRemainingTimeInMillis: () => times.shift() ?? 0 });
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'second' }] });
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 1, delayed: 0, dead: 0 });
  });
});
