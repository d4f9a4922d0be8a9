import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { topology } from '../../../../shared/cellar/topology.ts';
import { hasRabbitmq } from '../../../support/rabbitmq.ts';
import { until } from '../../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts';
import { message, PATIENCE_MS, rabbitmqRig, takeTexts } from './rabbitmq-rig.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;
const numbered = (count: number): readonly string[] => Array.from({ length: count }, (_, index) => `m${index}`);

describeHere('publishing to RabbitMQ', () => {
  const rig = rabbitmqRig();
  let proxy: TcpProxy;
  beforeAll(async () => {
    proxy = await startTcpProxy(rig.rabbit.amqpPort);
  }, 120_000);
  afterAll(() => proxy?.stop());
  const throughProxy = (): string => rig.rabbit.url.replace(`:${rig.rabbit.amqpPort}/`, `:${proxy.port}/`);

  it('what was not confirmed when the connection broke is published again: nothing is missing', async () => {
    const { broker } = await rig.open(throughProxy());
    await broker.declare(topology({ queues: { cut: {} } }));
    const sent = numbered(3000);
    const publishing = Promise.all(
      Array.from({ length: 30 }, (_, part) =>
        broker.publish(sent.slice(part * 100, part * 100 + 100).map((text) => message('cut', text))),
      ),
    );
    await new Promise((resolve) => setImmediate(resolve));
    proxy.cut();
    const outcomes = (await publishing).flat();
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(['accepted']));
    const seen = new Set(await takeTexts(await rig.open(), 'cut', 100_000, 1000));
    expect(sent.filter((text) => !seen.has(text))).toEqual([]);
  });

  it('an exchange that is deleted amid a batch refuses its own messages, the others arrive', async () => {
    const backend = await rig.open();
    const declared = topology({
      exchanges: { passing: { type: 'fanout' } },
      queues: { amid: {} },
      bindings: [{ exchange: 'passing', queue: 'amid' }],
    });
    await backend.broker.declare(declared);
    await backend.broker.publish([message('', 'before', { exchange: 'passing', routingKey: '' })]);
    await rig.rabbit.management.request('DELETE', `exchanges/${rig.rabbit.name}/passing`);
    const outcomes = await backend.broker.publish([
      message('amid', 'a'),
      message('', 'b', { exchange: 'passing', routingKey: '' }),
      message('amid', 'c'),
      message('nowhere', 'd'),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'accepted' },
      { status: 'refused', code: 'unknown-exchange', reason: expect.stringContaining("'passing'") },
      { status: 'accepted' },
      { status: 'refused', code: 'unknown-queue' },
    ]);
    expect(new Set(await takeTexts(backend, 'amid', 10, 500))).toEqual(new Set(['before', 'a', 'c']));
  });

  it('headers that no frame holds are refused with what is allowed, as is a routing key that is too long', async () => {
    const { broker } = await rig.open();
    await broker.declare(topology({ queues: { large: {} } }));
    const outcomes = await broker.publish([
      message('large', 'a', { headers: { much: 'x'.repeat(70_000) } }),
      message('', 'b', { exchange: 'amq.topic', routingKey: 'x'.repeat(300) }),
      message('large', 'c', { headers: { much: 'x'.repeat(60_000) } }),
    ]);
    expect(outcomes).toMatchObject([
      { status: 'refused', code: 'message-too-large', reason: expect.stringContaining('65536') },
      { status: 'refused', code: 'not-supported' },
      { status: 'accepted' },
    ]);
  });

  it('messages that no queue takes are told apart, also when they look alike', async () => {
    const { broker } = await rig.open();
    await broker.declare(topology({ queues: { there: {} } }));
    const sent = numbered(200).map((text, index) => message(index % 2 === 0 ? 'there' : 'away', text));
    const outcomes = await broker.publish([...sent, message('away', 'm1'), message('away', 'm1')]);
    const wanted = [...sent.map(({ routingKey }) => routingKey === 'there'), false, false];
    expect(outcomes.map(({ status }) => status === 'accepted')).toEqual(wanted);
  });

  it('while no server answers a message is tried for a bounded time, and sent when one answers', async () => {
    const lines: string[] = [];
    const backend = await rig.open(throughProxy(), lines);
    await backend.broker.declare(topology({ queues: { back: {} } }));
    await backend.broker.publish([message('back', 'a')]);
    proxy.refuse();
    proxy.cut();
    const publishing = backend.broker.publish([message('back', 'b')]);
    await until(() => lines.some((line) => line.includes('no connection to RabbitMQ')), PATIENCE_MS);
    proxy.accept();
    expect(await publishing).toMatchObject([{ status: 'accepted' }]);
    expect(await takeTexts(backend, 'back', 2)).toEqual(['a', 'b']);
  });
});
