import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { fromSqsRecord, type SqsEvent, sqsHandler, toSqsRecord } from 'cellar/lambda';
import * as z from 'zod/mini';
import { encodeEnvelope } from '../../../shared/cellar/celery/sqs-envelope.ts';
import { openRig, type Rig } from '../worker/rig.ts';

const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });
const work = worker({ queue: 'work' });
const ONE_AT_A_TIME = { environment: { CELLAR_WORKER_CONCURRENCY: '1' } };

/** One event of several tasks, as SQS hands over several of one group. */
async function eventOf(rig: Rig, names: readonly string[], messageGroup?: string): Promise<SqsEvent> {
  const Records = [];
  for (const name of names) {
    await rig.cellar.send(job({ name }));
    const delivery = await rig.next();
    const group = messageGroup === undefined ? {} : { messageGroup };
    Records.push({ ...toSqsRecord({ ...delivery, ...group }), messageId: `message ${name}` });
  }
  return { Records };
}

/** A call whose time is over when its first task has run. */
function timeThatEnds() {
  let leftMs = 60_000;
  const handler = work.handle(job, () => {
    leftMs = 0;
  });
  return { time: { getRemainingTimeInMillis: () => leftMs }, handlers: [handler] };
}

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
    const { time, handlers } = timeThatEnds();
    const rig = await openRig(handlers, ONE_AT_A_TIME);
    const handler = sqsHandler(rig.handlers, async () => rig.cellar);
    const answer = await handler(await eventOf(rig, ['a', 'b']), time);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message b' }] });
  });

  it('gives back at once what it could not start', async () => {
    const { time, handlers } = timeThatEnds();
    const rig = await openRig(handlers, ONE_AT_A_TIME);
    const handler = sqsHandler(rig.handlers, async () => rig.cellar);
    await handler(await eventOf(rig, ['a', 'b']), time);
    expect(await rig.counts()).toEqual({ ready: 1, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('measures the time itself where the context’s word stands still', async () => {
    const rig = await openRig([work.handle(job, () => rig.clock.advance(59_500))], ONE_AT_A_TIME);
    const handler = sqsHandler(rig.handlers, async () => rig.cellar);
    const answer = await handler(await eventOf(rig, ['a', 'b']), ENOUGH);
    expect(answer).toEqual({ batchItemFailures: [{ itemIdentifier: 'message b' }] });
  });

  it('dead-letters a head that fails and lets its group go on', async () => {
    const done: string[] = [];
    const rig = await openRig([
      work.handle(job, (_context, { name }) => {
        if (name === 'head') throw new Error('broken');
        done.push(name);
      }),
    ]);
    const handler = sqsHandler(rig.handlers, async () => rig.cellar);
    const event = await eventOf(rig, ['head', 'second', 'third', 'fourth'], 'group');
    expect(await handler(event, ENOUGH)).toEqual({ batchItemFailures: [] });
    expect(done).toEqual(['second', 'third', 'fourth']);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 1 });
    expect(await rig.reasons()).toEqual(['failed: Error: broken']);
  });

  it('reads the group, the exchange and the place of the body from the message where the record has none', () => {
    const message = {
      headers: { id: 'a' },
      contentType: 'application/json',
      contentEncoding: 'utf-8',
      body: '',
      correlationId: 'a',
    };
    const carriage = { messageGroup: 'order 42', exchange: 'events', routingKey: 'paid', bodyKey: 'payloads/1' };
    const delivery = { queue: 'work', receipt: 'r', message, deliveryCount: 1, enqueuedAtMs: 5 };
    const record = { ...toSqsRecord(delivery), body: encodeEnvelope(message, carriage) };
    const read = { ...delivery, messageId: 'r', ...carriage };
    expect(fromSqsRecord(record, 'work')).toEqual(read);
    expect(fromSqsRecord(toSqsRecord(read), 'work')).toEqual(read);
  });
});
