import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connect } from 'amqplib';
import { hasRabbitmq, startRabbitmq, type TestRabbitmq } from './rabbitmq.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;

describeHere('RabbitMQ for tests', () => {
  let rabbit: TestRabbitmq;
  beforeAll(async () => {
    rabbit = await startRabbitmq();
  }, 120_000);
  afterAll(() => rabbit?.stop());

  it('takes connections to a virtual host of its own, which is gone after its deletion', async () => {
    const vhost = await rabbit.vhost();
    const connection = await connect(vhost.url);
    const channel = await connection.createChannel();
    await channel.assertQueue('mail');
    await connection.close();
    expect(await rabbit.management.request('GET', `queues/${vhost.name}`)).toMatchObject([{ name: 'mail' }]);
    await vhost.delete();
    await expect(connect(vhost.url)).rejects.toThrow(/ConnectionClose/);
  });
});
