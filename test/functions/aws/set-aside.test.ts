import process from 'node:process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Cellar, OutgoingMessage } from 'cellar';
import type { Item } from 'cellar/aws';
import type { StreamEvent } from 'cellar/lambda';
import { handler } from '../../../functions/outbox/handler.ts';
import { runStaff } from '../../../functions/staff/run-staff.ts';
import { orderCreated } from '../../../shared/shop/tasks.ts';
import { hasEmulator } from '../../support/aws/emulator.ts';
import { type EmulatedShop, startEmulatedShop } from './emulated-shop.ts';

const before = { ...process.env };

/** An event of the table's stream about one new row, written long ago. */
function inserted(row: Item): StreamEvent {
  return { Records: [{ eventName: 'INSERT', dynamodb: { SequenceNumber: '1', NewImage: row } }] };
}

function outboxRow(orderId: number, messages: readonly OutgoingMessage[] | string): Item {
  const S = typeof messages === 'string' ? messages : JSON.stringify(messages);
  return { pk: { S: `order#${orderId}` }, sk: { S: 'outbox#placed' }, messages: { S } };
}

(hasEmulator('ministack') ? describe : describe.skip)('a row of the outbox that cannot be published', () => {
  let shop: EmulatedShop;
  let cellar: Cellar;

  beforeAll(async () => {
    shop = await startEmulatedShop();
    const { CELLAR_DASHBOARD_SECRET_ID: _, ...environment } = shop.environment;
    Object.assign(process.env, environment);
    cellar = await shop.open(); // makes the queues
  });
  afterAll(async () => {
    await cellar?.close();
    await shop?.stop();
    process.env = before;
  });

  const staff = async (...words: readonly string[]) => (await runStaff(words, process.env)).text;
  const created = (orderId: number) =>
    cellar.prepare((writer) => writer.send(orderCreated({ orderId }), { taskId: `created-${orderId}` }));

  it('is set aside with the reason, and holds up nothing', async () => {
    expect(await staff('outbox')).toBe('nothing was set aside\n');
    const nowhere = created(7).map((message) => ({ ...message, routingKey: 'nowhere' }));
    expect(await handler(inserted(outboxRow(7, nowhere)))).toEqual({ batchItemFailures: [] });
    expect(await handler(inserted(outboxRow(8, '{"no":"list"}')))).toEqual({ batchItemFailures: [] });
    const [seventh = '', eighth = ''] = (await staff('outbox')).split('\n');
    expect(seventh).toMatch(/^order#7 outbox#placed\t20.*Z\tmessage created-7 was refused: unknown-queue: /);
    expect(eighth).toMatch(
      /^order#8 outbox#placed\t20.*Z\ta row cannot be read: Error: the messages do not fit: all of it: /,
    );
  });

  it('comes again as a new row of the stream, and is set aside again while it cannot be published', async () => {
    expect(await staff('outbox-again')).toBe('order#7 outbox#placed\norder#8 outbox#placed\n');
    expect(await staff('outbox')).toBe('nothing was set aside\n');
    const event = await shop.newRows();
    expect(event.Records).toHaveLength(2);
    expect(await handler(event)).toEqual({ batchItemFailures: [] });
    expect((await staff('outbox')).split('\n').map((line) => line.split('\t')[0])).toEqual([
      'order#7 outbox#placed',
      'order#8 outbox#placed',
      '',
    ]);
  });

  it('is published under its ids when that has become possible', async () => {
    await handler(inserted(outboxRow(7, created(7)))); // the very row, as a queue that was missing is there now
    expect(await cellar.admin.counts(['mail'])).toMatchObject([{ ready: 1 }]);
    await staff('outbox-again');
    const [, eighth] = (await shop.newRows()).Records;
    const mended = { ...eighth?.dynamodb?.NewImage, messages: { S: JSON.stringify(created(8)) } };
    expect(await handler(inserted(mended))).toEqual({ batchItemFailures: [] });
    expect(await cellar.admin.counts(['mail'])).toMatchObject([{ ready: 2 }]);
    expect(await staff('outbox')).toBe('nothing was set aside\n');
  });
});
