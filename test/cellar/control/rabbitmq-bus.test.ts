import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { RabbitmqConnection } from '../../../shared/cellar/brokers/rabbitmq/connection.ts';
import { rabbitmqControlBus } from '../../../shared/cellar/brokers/rabbitmq/control-bus.ts';
import { parseRabbitmqUrl } from '../../../shared/cellar/brokers/rabbitmq/rabbitmq-url.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import type { ControlBus, ControlMessage } from '../../../shared/cellar/control-bus.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../support/rabbitmq.ts';
import { until } from '../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.ts';
import { collectingLog } from '../worker/rig.ts';

const suite = hasRabbitmq() ? describe : describe.skip;
const PATIENCE_MS = 20_000;

const hello: ControlMessage = { headers: { clock: 300, expires: 0 }, body: '{"method":"hello"}' };

suite('the bus on RabbitMQ', () => {
  let rabbit: TestRabbitmq;
  let proxy: TcpProxy;
  const { log, logged } = collectingLog();
  const closers: (() => Promise<void>)[] = [];

  beforeAll(async () => {
    rabbit = await startRabbitmq();
    proxy = await startTcpProxy(rabbit.amqpPort);
  }, 120_000);
  afterEach(async () => {
    for (const close of closers.splice(0).reverse()) await close();
    logged.length = 0;
  });
  afterAll(async () => {
    await proxy?.stop();
    await rabbit?.stop();
  });

  function open(url: string): ControlBus {
    const connect = () => {
      const made = new RabbitmqConnection({ address: parseRabbitmqUrl(url), runtime, log, name: 'tests' });
      closers.push(() => made.close());
      return made;
    };
    return rabbitmqControlBus({ publishing: connect(), consuming: connect(), runtime, log });
  }
  const direct = () => open(rabbit.url);
  const throughProxy = () => open(`amqp://guest:guest@127.0.0.1:${proxy.port}/${rabbit.name}?heartbeat=1`);

  /** A node that answers each request that says where. */
  async function echo(bus: ControlBus, name: string): Promise<readonly ControlMessage[]> {
    const heard: ControlMessage[] = [];
    closers.push(
      await bus.serve(name, (request) => {
        heard.push(request);
        const { reply_to: to, ticket } = JSON.parse(request.body);
        if (to === undefined) return;
        const target = { exchange: to.exchange, routingKey: to.routing_key };
        bus.reply(target, { headers: { ticket, clock: 300 }, body: JSON.stringify({ [name]: 'here' }) });
      }),
    );
    return heard;
  }

  const ask = async (bus: ControlBus, ticket: string, limit?: number) => {
    const replies = await bus.ask(
      ({ exchange, routingKey }) => ({
        headers: {},
        body: JSON.stringify({ method: 'ping', ticket, reply_to: { exchange, routing_key: routingKey } }),
      }),
      { ticket, timeoutMs: limit === undefined ? 300 : PATIENCE_MS, ...(limit === undefined ? undefined : { limit }) },
    );
    return replies.map(({ body }) => body);
  };

  it('carries requests to each node and answers to who asked, by ticket', async () => {
    const bus = direct();
    await echo(bus, 'a@test');
    await echo(direct(), 'b@test');
    const [one, two] = await Promise.all([ask(bus, 't1', 2), ask(bus, 't2', 2)]);
    expect(one.toSorted()).toEqual(['{"a@test":"here"}', '{"b@test":"here"}']);
    expect(two.toSorted()).toEqual(one.toSorted());
  });

  it('ends a question after its time', async () => {
    expect(await ask(direct(), 't1')).toEqual([]);
  });

  it('tells of events whatever comes first: the listener or the connection', async () => {
    const listener = direct();
    const heard: string[] = [];
    closers.push(await listener.listen(({ body }) => heard.push(body)));
    const sender = direct();
    for (const body of ['1', '2', '3']) sender.event('task.multi', { headers: { hostname: 'x' }, body });
    await until(() => heard.length === 3, PATIENCE_MS);
    expect(heard).toEqual(['1', '2', '3']);
  });

  it('serves again after its connections were cut', async () => {
    const bus = throughProxy();
    const heard = await echo(bus, 'a@test');
    const asker = direct();
    await asker.tell(hello);
    await until(() => heard.length > 0, PATIENCE_MS);
    const before = heard.length;
    proxy.cut();
    await until(async () => {
      await asker.tell(hello);
      return heard.length > before;
    }, PATIENCE_MS);
    expect(heard.at(-1)).toEqual({ headers: hello.headers, body: hello.body });
    expect(await ask(asker, 't1', 1)).toEqual(['{"a@test":"here"}']);
  });

  it('survives who asks for an answer where there is no such place', async () => {
    const bus = direct();
    await echo(bus, 'a@test');
    for (const exchange of ['amq.topic', 'amq.nothing', 'celeryev', 'x'.repeat(200)]) {
      bus.reply({ exchange, routingKey: 'k' }, { headers: { ticket: 't' }, body: '{}' });
    }
    const asker = direct();
    await until(async () => (await ask(asker, 't1')).length === 1, PATIENCE_MS);
  });

  it('says when two nodes have one name', async () => {
    await echo(direct(), 'a@test');
    await echo(direct(), 'a@test');
    expect(logged.some((line) => line.startsWith('warn another worker has the same node name'))).toBe(true);
  });

  it('drops events while nobody takes them, and goes on', async () => {
    const bus = throughProxy();
    proxy.refuse();
    for (let count = 0; count < 2_000; count++) bus.event('task.multi', { headers: {}, body: String(count) });
    const heard: string[] = [];
    closers.push(await direct().listen(({ body }) => heard.push(body)));
    proxy.accept();
    await until(() => {
      bus.event('task.multi', { headers: {}, body: 'late' });
      return heard.includes('late');
    }, PATIENCE_MS);
    expect(heard.indexOf('999')).toBe(999);
    expect(heard).not.toContain('1000');
  });
});
