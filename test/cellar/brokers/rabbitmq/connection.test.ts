import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../../../functions/local/deploy/emulator-process.ts';
import { RabbitmqConnection } from '../../../../shared/cellar/brokers/rabbitmq/connection.ts';
import { parseRabbitmqUrl } from '../../../../shared/cellar/brokers/rabbitmq/rabbitmq-url.ts';
import { systemRuntime as runtime } from '../../../../shared/cellar/clock.ts';
import { lineLogger } from '../../../../shared/cellar/log.ts';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from '../../../support/rabbitmq.ts';
import { until } from '../../../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../../../support/tcp-proxy.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;
const PATIENCE_MS = 20_000;

describeHere('a connection to RabbitMQ', () => {
  let rabbit: TestRabbitmq;
  let proxy: TcpProxy;
  const opened: RabbitmqConnection[] = [];
  const lines: string[] = [];

  beforeAll(async () => {
    rabbit = await startRabbitmq();
    proxy = await startTcpProxy(rabbit.amqpPort);
  }, 120_000);
  afterEach(async () => {
    proxy.accept();
    await Promise.all(opened.splice(0).map((connection) => connection.close()));
    lines.length = 0;
  });
  afterAll(async () => {
    await proxy?.stop();
    await rabbit?.stop();
  });

  function connection(url: string): RabbitmqConnection {
    const log = lineLogger({ level: 'debug', clock: runtime.clock, write: (line) => void lines.push(line) });
    const made = new RabbitmqConnection({ address: parseRabbitmqUrl(url), runtime, log, name: 'tests' });
    opened.push(made);
    return made;
  }
  const throughProxy = (): string => `amqp://guest:guest@127.0.0.1:${proxy.port}/${rabbit.name}?heartbeat=1`;

  it('is made at its first use, and a question that closes its channel harms no other', async () => {
    const made = connection(rabbit.url);
    expect(made.isConnected).toBe(false);
    const bad = made.use((channel) => channel.checkQueue('nowhere'), PATIENCE_MS);
    const good = made.use((channel) => channel.assertQueue('mail'), PATIENCE_MS);
    await expect(bad).rejects.toMatchObject({ code: 404 });
    expect(await good).toMatchObject({ queue: 'mail' });
    expect(made.isConnected).toBe(true);
  });

  it('keeps a channel: after a cut it is opened and set up again', async () => {
    const made = connection(throughProxy());
    let setUps = 0;
    let losses = 0;
    const kept = made.keep({
      setUp: async (channel) => {
        await channel.assertQueue('kept');
        setUps++;
      },
      lost: () => {
        losses++;
      },
    });
    const before = await kept.ready(PATIENCE_MS);
    proxy.cut();
    await until(() => setUps === 2, PATIENCE_MS);
    const after = await kept.ready(PATIENCE_MS);
    expect(after).not.toBe(before);
    expect(await after.checkQueue('kept')).toMatchObject({ queue: 'kept' });
    expect(losses).toBe(1);
    expect(lines.join('')).toMatch(/warn lost the connection to RabbitMQ hosts=127/);
  });

  it('a kept channel that the server closes is opened again, and its user is told why', async () => {
    const faults: unknown[] = [];
    const kept = connection(rabbit.url).keep({ lost: (error) => faults.push(error) });
    const before = await kept.ready(PATIENCE_MS);
    await expect(before.checkQueue('nowhere')).rejects.toMatchObject({ code: 404 });
    const after = await until(() => kept.current !== before && kept.current, PATIENCE_MS);
    await after.assertQueue('mail');
    expect(faults).toMatchObject([{ code: 404 }]);
  });

  it('a channel that cannot be set up is tried again', async () => {
    const made = connection(rabbit.url);
    const kept = made.keep({ setUp: async (channel) => void (await channel.checkQueue('made-later')) });
    await expect(kept.ready(50)).rejects.toMatchObject({ code: 'broker-unavailable' });
    await made.use((channel) => channel.assertQueue('made-later'), PATIENCE_MS);
    await kept.ready(PATIENCE_MS);
  });

  it('notices within three heartbeats that nothing goes through any more', async () => {
    const made = connection(throughProxy());
    const kept = made.keep({});
    const before = await kept.ready(PATIENCE_MS);
    proxy.stall();
    await until(() => kept.current !== undefined && kept.current !== before, PATIENCE_MS);
  });

  it('tries one node after the other', async () => {
    const nowhere = await freePort();
    const made = connection(`amqp://guest:guest@127.0.0.1:${nowhere},127.0.0.1:${rabbit.amqpPort}/${rabbit.name}`);
    expect(await made.use((channel) => channel.assertQueue('mail'), PATIENCE_MS)).toMatchObject({ queue: 'mail' });
  });

  it('where no node answers, who waits is told which and why', async () => {
    const nowhere = await freePort();
    const made = connection(`amqp://guest:secret@127.0.0.1:${nowhere}`);
    const used = made.use((channel) => channel.assertQueue('mail'), 300);
    await expect(used).rejects.toMatchObject({
      code: 'broker-unavailable',
      message: expect.stringMatching(new RegExp(`127.0.0.1:${nowhere} cannot be used: .*ECONNREFUSED`)),
    });
    expect(lines.join('')).not.toContain('secret');
  });

  it.each([
    ['a wrong password', () => rabbit.url.replace('guest:guest', 'guest:wrong')],
    ['a virtual host that is not there', () => rabbit.url.replace(rabbit.name, 'nowhere')],
  ])('%s is told at once', async (_what, url) => {
    const used = connection(url()).use((channel) => channel.assertQueue('mail'), 60_000);
    await expect(used).rejects.toMatchObject({ code: 'broker-unavailable' });
  });

  it('closed, it refuses and gives back what it had', async () => {
    const made = connection(throughProxy());
    const kept = made.keep({});
    await kept.ready(PATIENCE_MS);
    await made.close();
    await until(() => proxy.connections === 0, PATIENCE_MS);
    expect(kept.current).toBeUndefined();
    expect(() => made.keep({})).toThrow(expect.objectContaining({ code: 'closed' }));
    await expect(made.use(async () => undefined, 100)).rejects.toMatchObject({ code: 'closed' });
    await made.close();
  });
});
