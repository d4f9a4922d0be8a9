import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import { type SqsEvent, type SqsHandler, sqsHandler } from 'cellar/lambda';
import { startEventSource } from 'cellar/local';
import * as z from 'zod/mini';
import { openRig } from '../worker/rig.ts';

const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });
const work = worker({ queue: 'work' });
const EMPTY = { ready: 0, inFlight: 0, delayed: 0, dead: 0 };
const namesOf = (event: SqsEvent) => event.Records.map(({ body }) => JSON.parse(JSON.parse(body).body)[0][0]);

async function open() {
  const ran: string[] = [];
  const rig = await openRig([work.handle(job, (_context, { name }) => void ran.push(name))]);
  const real = sqsHandler(rig.handlers, async () => rig.cellar);
  const send = (name: string, messageGroup?: string) =>
    rig.cellar.send(job({ name }), messageGroup === undefined ? {} : { messageGroup });
  return { rig, ran, real, send };
}

describe('an event source', () => {
  it('calls the function with what comes, and leaves nothing when it stops', async () => {
    const { rig, ran, real, send } = await open();
    const source = startEventSource(rig.cellar, { queue: 'work', handler: real });
    for (const name of ['a', 'b', 'c']) await send(name, 'g');
    await rig.clock.settle();
    await rig.clock.settle();
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(await rig.counts()).toEqual(EMPTY);
    await source.stop(1000);
  });

  it('brings back what the function names, in its place in its group', async () => {
    const { rig, ran, real, send } = await open();
    let refusals = 2;
    const handler: SqsHandler = async (event, context) => {
      if (namesOf(event)[0] === 'a' && refusals-- > 0) {
        return { batchItemFailures: event.Records.map(({ messageId }) => ({ itemIdentifier: messageId })) };
      }
      return real(event, context);
    };
    for (const name of ['a', 'b']) await send(name, 'g');
    const source = startEventSource(rig.cellar, { queue: 'work', handler, maxConcurrency: 1 });
    await rig.clock.advance(10_000);
    expect(ran).toEqual(['a', 'b']);
    await source.stop(1000);
  });

  it('calls a function that fails again and again at a measured pace, and loses nothing', async () => {
    const { rig, ran, real, send } = await open();
    let calls = 0;
    const handler: SqsHandler = async (event, context) => {
      if (++calls <= 4) throw new Error('cannot open');
      return real(event, context);
    };
    await send('a');
    const source = startEventSource(rig.cellar, { queue: 'work', handler });
    await rig.clock.advance(14_000);
    expect(calls).toBe(3);
    await rig.clock.advance(60_000);
    expect(ran).toEqual(['a']);
    expect(await rig.counts()).toEqual(EMPTY);
    await source.stop(1000);
  });

  it('gives up a call that does not end, and goes on with others', async () => {
    const { rig, ran, real, send } = await open();
    let hangs = true;
    const handler: SqsHandler = (event, context) => {
      if (!hangs) return real(event, context);
      hangs = false;
      return new Promise(() => undefined);
    };
    await send('a');
    const source = startEventSource(rig.cellar, { queue: 'work', handler, timeoutSeconds: 30, maxConcurrency: 1 });
    await rig.clock.advance(29_000);
    expect(await rig.counts()).toEqual({ ...EMPTY, inFlight: 1 });
    await rig.clock.advance(10_000);
    expect(ran).toEqual(['a']);
    await source.stop(1000);
  });

  it('calls with what was out before alone', async () => {
    const { rig, real, send } = await open();
    await send('suspect');
    await rig.next();
    await rig.clock.advance(30_000);
    for (const name of ['a', 'b']) await send(name);
    const events: unknown[] = [];
    const handler: SqsHandler = (event, context) => {
      events.push(namesOf(event));
      return real(event, context);
    };
    const source = startEventSource(rig.cellar, { queue: 'work', handler, maxConcurrency: 1 });
    await rig.clock.settle();
    await rig.clock.settle();
    expect(events).toEqual([['a', 'b'], ['suspect']]);
    await source.stop(1000);
  });

  it('gives back what a call holds that outlasts the stop', async () => {
    const { rig, send } = await open();
    await send('a');
    const source = startEventSource(rig.cellar, { queue: 'work', handler: () => new Promise(() => undefined) });
    await rig.clock.settle();
    const stopped = source.stop(3000);
    await rig.clock.advance(3000);
    await stopped;
    expect(await rig.counts()).toEqual({ ...EMPTY, ready: 1 });
  });

  it('waits while the broker is away', async () => {
    const { rig, ran, real, send } = await open();
    const { broker } = rig.cellar.backend;
    const receive = broker.receive.bind(broker);
    let calls = 0;
    broker.receive = () => {
      calls++;
      return Promise.reject(new Error('away'));
    };
    const source = startEventSource(rig.cellar, { queue: 'work', handler: real, maxConcurrency: 1 });
    await rig.clock.advance(10_000);
    expect(calls).toBeLessThan(15);
    broker.receive = receive;
    await send('a');
    await rig.clock.advance(2000);
    expect(ran).toEqual(['a']);
    await source.stop(1000);
  });
});
