/** What is decided about a message before it is read. */
import { describe, expect, it } from '@jest/globals';
import { type SendOptions, task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Delivery } from '../../../shared/cellar/broker.ts';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { looseBackend } from './loose-backend.ts';
import { openRig, type Rig } from './rig.ts';

const work = worker({ queue: 'work' });
const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });

/** The next delivery as a broker hands it over that keeps large bodies elsewhere. */
async function withoutBody(rig: Rig, options: SendOptions = {}): Promise<{ delivery: Delivery; body: string }> {
  await rig.cellar.send(job({ name: 'large' }), options);
  const delivery = await rig.next();
  const body = String(delivery.message.body);
  return { delivery: { ...delivery, message: { ...delivery.message, body: '' }, bodyKey: 'key' }, body };
}

async function open(parts: Parameters<typeof looseBackend>[0] = {}) {
  const ran: string[] = [];
  const loose = looseBackend(parts);
  const rig = await openRig([work.handle(job, (_context, { name }) => void ran.push(name))], { backend: loose.wrap });
  const process = (delivery: Delivery) => processDelivery(delivery, rig.open.environment, new Set());
  return { rig, loose, ran, process };
}

describe('a body that was too large to travel', () => {
  it('is loaded before the message is read', async () => {
    const { rig, loose, ran, process } = await open();
    const { delivery, body } = await withoutBody(rig);
    loose.bodies.set('key', body);
    const settlement = await process(delivery);
    expect(settlement).toMatchObject({ disposition: { kind: 'ack' }, result: { state: 'SUCCESS', args: '["large"]' } });
    expect(settlement.delivery).toBe(delivery);
    expect(ran).toEqual(['large']);
  });

  it.each([
    ['is gone', {}],
    ['is in no store of this program', { payloads: undefined }],
  ])('that %s ends its task with a reason', async (_what, parts) => {
    const { rig, ran, process } = await open(parts as object);
    const { delivery } = await withoutBody(rig, { taskId: 'l' });
    const { disposition, result } = await process(delivery);
    const reason = 'payload-missing: the body of the message is not in the payload store, its key is key';
    expect(disposition).toEqual({ kind: 'dead', reason });
    expect(result).toMatchObject({ id: 'l', state: 'FAILURE', result: expect.stringContaining('payload-missing') });
    expect(ran).toEqual([]);
  });

  it('is not loaded again for a message that is lost already', async () => {
    const { rig, loose, process } = await open();
    const { delivery } = await withoutBody(rig);
    const messageId = delivery.messageId ?? '';
    loose.starts.set(messageId, 5);
    const { disposition } = await process({ ...delivery, deliveryCount: 9 });
    expect(disposition).toMatchObject({ kind: 'dead', reason: expect.stringContaining('WorkerLostError') });
    expect(loose.loaded).toEqual([]);
  });
});

describe('a copy that an exchange made', () => {
  const needsRecheck = (exchange: string, queue: string) => exchange === 'events' && queue === 'other';

  async function copy(rig: Rig, routingKey: string | undefined, queue: string): Promise<Delivery> {
    await rig.cellar.send(job({ name: routingKey ?? 'direct' }));
    const delivery = { ...(await rig.next()), queue };
    return routingKey === undefined ? delivery : { ...delivery, exchange: 'events', routingKey };
  }

  it.each([
    ['sold.red.chablis', 'other', true],
    ['bought.red', 'other', false],
    ['bought.red', 'work', true],
    [undefined, 'other', true],
  ])('with the key %s in the queue %s runs: %s', async (routingKey, queue, runs) => {
    const { rig, ran, process } = await open({ needsRecheck });
    const delivery = await copy(rig, routingKey, queue);
    const settlement = await process(delivery);
    expect(ran).toHaveLength(runs ? 1 : 0);
    if (!runs) expect(settlement).toEqual({ delivery, publish: [], disposition: { kind: 'ack' } });
  });

  it('is not routed again where the broker is exact', async () => {
    const { rig, ran, process } = await open();
    await process(await copy(rig, 'bought.red', 'other'));
    expect(ran).toHaveLength(1);
  });
});
