import { describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, type OutgoingMessage, task, topology } from 'cellar';
import type { Item } from 'cellar/aws';
import { outboxStreamHandler, type StreamRecord } from 'cellar/lambda';
import * as z from 'zod/mini';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { collectingLog } from '../worker/rig.ts';

const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });

async function open() {
  const { log, logged } = collectingLog();
  const clock = manualClock();
  const runtime = manualRuntime(clock);
  const backend = await openMemory({ runtime });
  const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:' });
  const cellar = await Cellar.open({ settings, topology: topology({ queues: { work: {} } }), runtime, log, backend });
  const prepare = (...names: readonly string[]) =>
    cellar.prepare((writer) => {
      for (const name of names) writer.send(job({ name }), { taskId: name });
    });
  /** The ids of what waits in the queue. */
  const waiting = async () =>
    (await backend.admin.peek('work', { place: 'ready', limit: 100 })).map(({ message }) => message.correlationId);
  return { cellar, clock, logged, prepare, waiting, handler: outboxStreamHandler(async () => cellar, readRow) };
}

function readRow(row: Item): readonly OutgoingMessage[] {
  const { messages } = row;
  return messages !== undefined && 'S' in messages ? JSON.parse(messages.S) : [];
}

/** A record of a new row that holds these messages. */
function inserted(SequenceNumber: string, messages: readonly OutgoingMessage[] | string): StreamRecord {
  const S = typeof messages === 'string' ? messages : JSON.stringify(messages);
  return { eventName: 'INSERT', dynamodb: { SequenceNumber, NewImage: { messages: { S } } } };
}

describe('outboxStreamHandler', () => {
  it('publishes what new rows hold, in order', async () => {
    const { handler, prepare, waiting } = await open();
    const Records = [inserted('1', prepare('a', 'b')), inserted('2', []), inserted('3', prepare('c'))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(await waiting()).toEqual(['a', 'b', 'c']);
  });

  it('publishes a row once that the stream brings again', async () => {
    const { handler, prepare, waiting } = await open();
    const Records = [inserted('1', prepare('a'))];
    await handler({ Records });
    await handler({ Records });
    expect(await waiting()).toEqual(['a']);
  });

  it('publishes nothing of a row that changed or is gone, nor of one that is not of the outbox', async () => {
    const { handler, prepare, waiting } = await open();
    const changed = { ...inserted('1', prepare('a')), eventName: 'MODIFY' };
    const gone = { eventName: 'REMOVE', dynamodb: { SequenceNumber: '2' } };
    const order = { eventName: 'INSERT', dynamodb: { SequenceNumber: '3', NewImage: { pk: { S: 'order' } } } };
    expect(await handler({ Records: [changed, gone, order] })).toEqual({ batchItemFailures: [] });
    expect(await waiting()).toEqual([]);
  });

  it('names the first row with a message that was refused, and logs why', async () => {
    const { handler, prepare, logged } = await open();
    const [message] = prepare('b');
    if (message === undefined) throw new Error('a message was expected');
    const refused = [...prepare('b1'), { ...message, routingKey: 'nowhere' }];
    const Records = [inserted('1', prepare('a')), inserted('2', refused), inserted('3', prepare('c'))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(logged.join()).toContain("error outbox: message b was refused: unknown-queue: there is no queue 'nowhere'");
  });

  it('publishes what is beside a row that cannot be read, and names that row', async () => {
    const { handler, prepare, waiting, logged } = await open();
    const Records = [inserted('1', prepare('a')), inserted('2', 'no JSON'), inserted('3', prepare('c'))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '2' }] });
    expect(await waiting()).toEqual(['a', 'c']);
    expect(logged.join()).toContain('error outbox: a row cannot be read: SyntaxError');
  });

  it('opens the client at the first event with a row, once', async () => {
    const { cellar, prepare } = await open();
    let opened = 0;
    const handler = outboxStreamHandler(async () => {
      opened++;
      return cellar;
    }, readRow);
    await handler({ Records: [] });
    expect(opened).toBe(0);
    await handler({ Records: [inserted('1', prepare('a'))] });
    await handler({ Records: [inserted('2', prepare('b'))] });
    expect(opened).toBe(1);
  });
});

describe('outboxStreamHandler that sets rows aside', () => {
  async function openAside() {
    const opened = await open();
    const aside: { readonly row: Item; readonly problem: string }[] = [];
    const setAside = async (row: Item, problem: string) => void aside.push({ row, problem });
    const handler = outboxStreamHandler(async () => opened.cellar, readRow, { setAside });
    /** A record of a row that was written just now. */
    const now = (record: StreamRecord): StreamRecord => ({
      ...record,
      dynamodb: { ...record.dynamodb, ApproximateCreationDateTime: opened.clock.now() / 1000 },
    });
    const nowhere = () => opened.prepare('b').map((message) => ({ ...message, routingKey: 'nowhere' }));
    return { ...opened, handler, aside, now, nowhere };
  }

  it('tries a row for a minute, then keeps it with the reason and holds up nothing', async () => {
    const { handler, clock, aside, now, nowhere, prepare, waiting } = await openAside();
    const refused = now(inserted('1', nowhere()));
    const Records = [refused, now(inserted('2', 'no JSON')), now(inserted('3', prepare('c')))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    await clock.advance(59_999);
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(aside).toEqual([]);
    await clock.advance(1);
    expect(await handler({ Records })).toEqual({ batchItemFailures: [] });
    expect(aside.map(({ problem }) => problem)).toEqual([
      expect.stringContaining("message b was refused: unknown-queue: there is no queue 'nowhere'"),
      expect.stringContaining('a row cannot be read: SyntaxError'),
    ]);
    expect(aside[0]?.row).toBe(refused.dynamodb?.NewImage);
    expect(await waiting()).toEqual(['c']);
  });

  it('sets aside only what is old enough, and has the stream read again from the rest', async () => {
    const { handler, clock, aside, now, nowhere } = await openAside();
    const old = now(inserted('1', nowhere()));
    await clock.advance(60_000);
    const answer = await handler({ Records: [old, now(inserted('2', nowhere()))] });
    expect([answer.batchItemFailures, aside]).toMatchObject([[{ itemIdentifier: '2' }], { length: 1 }]);
  });

  it('waits for a broker that cannot be reached, however long that takes', async () => {
    const { cellar, prepare, aside, handler } = await openAside();
    cellar.backend.broker.publish = async (messages) =>
      messages.map(() => ({ status: 'refused', code: 'broker-unavailable', reason: 'no answer' }));
    const Records = [inserted('1', prepare('a'))];
    expect(await handler({ Records })).toEqual({ batchItemFailures: [{ itemIdentifier: '1' }] });
    expect(aside).toEqual([]);
  });

  it('fails where a row cannot be kept, so that the stream is read again', async () => {
    const { cellar, nowhere } = await openAside();
    const setAside = () => Promise.reject(new Error('the table is away'));
    const handler = outboxStreamHandler(async () => cellar, readRow, { setAside });
    await expect(handler({ Records: [inserted('1', nowhere())] })).rejects.toThrow('the table is away');
  });
});
