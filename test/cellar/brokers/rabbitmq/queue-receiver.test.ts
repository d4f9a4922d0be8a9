import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Backend } from '../../../../shared/cellar/backend.ts';
import type { Delivery, Disposition } from '../../../../shared/cellar/broker.ts';
import { topology } from '../../../../shared/cellar/topology.ts';
import { hasRabbitmq } from '../../../support/rabbitmq.ts';
import { until } from '../../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts';
import { message, PATIENCE_MS, rabbitmqRig, takeTexts } from './rabbitmq-rig.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `m${index}`);
const texts = (deliveries: readonly Delivery[]) => deliveries.map(({ message: { correlationId } }) => correlationId);

async function settle({ broker }: Backend, deliveries: readonly Delivery[], disposition: Disposition) {
  return await broker.settle(deliveries.map((delivery) => ({ delivery, publish: [], disposition })));
}

describeHere('receiving from RabbitMQ', () => {
  const rig = rabbitmqRig();
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startTcpProxy(rig.rabbit.amqpPort);
  }, 120_000);
  afterAll(() => proxy?.stop());

  async function openWith(queue: string, fields: object, sent: readonly string[]): Promise<Backend> {
    const backend = await rig.open();
    await backend.broker.declare(topology({ queues: { [queue]: fields } }));
    await backend.broker.publish(sent.map((text) => message(queue, text)));
    return backend;
  }

  it('takes no more from others than was asked for', async () => {
    const backend = await openWith('shared', {}, numbered(10));
    await backend.broker.receive('shared', { maxMessages: 3, waitMs: PATIENCE_MS });
    expect(await takeTexts(await rig.open(), 'shared', 7)).toHaveLength(7);
  });

  it('what nobody asks for any more goes back to others soon', async () => {
    const backend = await openWith('idle', {}, []);
    const waiting = backend.broker.receive('idle', { maxMessages: 5, waitMs: 10 });
    expect(await waiting).toEqual([]);
    await backend.broker.publish(numbered(3).map((text) => message('idle', text)));
    expect((await takeTexts(await rig.open(), 'idle', 3)).toSorted()).toEqual(numbered(3));
  });

  it('what is out stays out while nobody asks', async () => {
    const backend = await openWith('held', {}, ['a', 'b']);
    const held = await backend.broker.receive('held', { maxMessages: 1, waitMs: PATIENCE_MS });
    await until(async () => (await backend.admin.counts(['held']))[0]?.ready === 1, PATIENCE_MS);
    expect(await takeTexts(await rig.open(), 'held', 2, 2_000)).toEqual(['b']);
    expect(await settle(backend, held, { kind: 'ack' })).toEqual([{ status: 'settled' }]);
  });

  it('of an ordered queue another process takes over soon when nobody asks here, in order', async () => {
    const backend = await openWith('handed', { ordered: true }, []);
    const sent = numbered(8);
    await backend.broker.publish(sent.map((text) => message('handed', text, { messageGroup: 'A' })));
    const first = await backend.broker.receive('handed', { maxMessages: 2, waitMs: PATIENCE_MS });
    const other = await rig.open();
    await other.broker.declare(topology({ queues: { handed: { ordered: true } } }));
    expect(await other.broker.receive('handed', { maxMessages: 1, waitMs: 300 })).toEqual([]);
    await settle(backend, first, { kind: 'ack' });
    expect(await takeTexts(other, 'handed', 8 - first.length)).toEqual(sent.slice(first.length));
  });

  it('a delivery whose settlement failed comes again after its visibility timeout', async () => {
    const backend = await openWith('failing', { visibilityTimeoutSeconds: 1 }, ['a']);
    const [delivery] = await backend.broker.receive('failing', { maxMessages: 1, waitMs: PATIENCE_MS });
    if (delivery === undefined) throw new Error('a delivery was expected');
    const [outcome] = await backend.broker.settle([
      { delivery, publish: [message('nowhere', 'child')], disposition: { kind: 'ack' } },
    ]);
    expect(outcome).toMatchObject({ status: 'failed' });
    const [again] = await backend.broker.receive('failing', { maxMessages: 1, waitMs: PATIENCE_MS });
    expect(again).toMatchObject({ deliveryCount: 2, message: { correlationId: 'a' } });
    expect(await settle(backend, [delivery], { kind: 'ack' })).toEqual([{ status: 'stale' }]);
  });

  it('deliveries without an outcome are counted, also over a release and its delay', async () => {
    const backend = await openWith('counted', {}, ['a']);
    expect(texts(await backend.broker.receive('counted', { maxMessages: 1, waitMs: PATIENCE_MS }))).toEqual(['a']);
    await backend.broker.close(); // as if its process had ended
    const next = await rig.open();
    for (const delaySeconds of [0, 1, 0]) {
      const [delivery] = await next.broker.receive('counted', { maxMessages: 1, waitMs: PATIENCE_MS });
      expect(delivery).toMatchObject({ deliveryCount: 2, message: { headers: { id: 'a', task: 'tests.tasks.note' } } });
      await settle(next, delivery === undefined ? [] : [delivery], { kind: 'release', delaySeconds });
    }
  });

  it('goes on after the connection was cut; what was out is stale and comes again', async () => {
    await openWith('cut.receive', {}, ['a']);
    const backend = await rig.open(rig.rabbit.url.replace(`:${rig.rabbit.amqpPort}/`, `:${proxy.port}/`));
    const first = await backend.broker.receive('cut.receive', { maxMessages: 1, waitMs: PATIENCE_MS });
    const waiting = backend.broker.receive('cut.receive', { maxMessages: 1, waitMs: PATIENCE_MS });
    proxy.cut();
    const again = await waiting;
    expect([texts(first), texts(again)]).toEqual([['a'], ['a']]);
    expect(await settle(backend, first, { kind: 'ack' })).toEqual([{ status: 'stale' }]);
    expect(await settle(backend, again, { kind: 'ack' })).toEqual([{ status: 'settled' }]);
  });

  it('a queue that is deleted is told to who waits, and found again when it is declared again', async () => {
    const backend = await openWith('deleted', {}, []);
    const waiting = backend.broker.receive('deleted', { maxMessages: 1, waitMs: PATIENCE_MS });
    const consumers = `queues/${rig.rabbit.name}/deleted`;
    await until(async () => {
      const { consumer_details: details } = (await rig.rabbit.management.request('GET', consumers)) as {
        readonly consumer_details?: readonly object[];
      };
      return (details?.length ?? 0) > 0;
    }, PATIENCE_MS);
    await rig.rabbit.management.request('DELETE', consumers);
    await expect(waiting).rejects.toMatchObject({ code: 'unknown-queue' });
    await backend.broker.declare(topology({ queues: { deleted: {} } }));
    await backend.broker.publish([message('deleted', 'a')]);
    expect(await takeTexts(backend, 'deleted', 1)).toEqual(['a']);
  });

  it('the dead of a queue that another program declared are kept too', async () => {
    await openWith('foreign', {}, ['a']);
    const backend = await rig.open();
    await settle(backend, await backend.broker.receive('foreign', { maxMessages: 1, waitMs: PATIENCE_MS }), {
      kind: 'dead',
      reason: 'poison',
    });
    expect(await backend.admin.peek('foreign', { place: 'dead', limit: 5 })).toMatchObject([{ reason: 'poison' }]);
  });

  it('a look at the dead leaves them in their order', async () => {
    const backend = await openWith('buried', {}, numbered(6));
    for (let left = 6; left > 0; left--)
      await settle(backend, await backend.broker.receive('buried', { maxMessages: 1, waitMs: PATIENCE_MS }), {
        kind: 'dead',
        reason: 'x',
      });
    const look = async (limit: number) =>
      (await backend.admin.peek('buried', { place: 'dead', limit })).map((dead) => dead.message.correlationId);
    expect(await look(2)).toEqual(['m0', 'm1']);
    expect(await look(1)).toEqual(['m0']);
    expect(await look(10)).toEqual(numbered(6));
    expect(await backend.admin.redrive('buried', { limit: 2 })).toBe(2);
    expect(await look(10)).toEqual(numbered(6).slice(2));
  });
});
