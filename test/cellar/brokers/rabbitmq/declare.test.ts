import { describe, expect, it } from '@jest/globals';
import { topology } from '../../../../shared/cellar/topology.ts';
import { hasRabbitmq } from '../../../support/rabbitmq.ts';
import { message, rabbitmqRig, takeTexts } from './rabbitmq-rig.ts';

const describeHere = hasRabbitmq() ? describe : describe.skip;

describeHere('declaring on RabbitMQ', () => {
  const rig = rabbitmqRig();

  it('every difference is told, with what is there', async () => {
    const { broker } = await rig.open();
    await broker.declare(
      topology({
        exchanges: { news: { type: 'topic' } },
        queues: { mail: { type: 'classic' }, stock: { maxPriority: 5 } },
      }),
    );
    const other = await rig.open();
    const declared = other.broker.declare(
      topology({ exchanges: { news: { type: 'fanout' } }, queues: { mail: {}, stock: { maxPriority: 9 }, late: {} } }),
    );
    await expect(declared).rejects.toMatchObject({
      code: 'declare-conflict',
      problems: [
        "exchange 'news' is declared with type fanout but exists with topic; declare it alike, or delete it",
        "queue 'mail' is declared with x-queue-type quorum but exists with classic; declare it alike, or delete it",
        "queue 'stock' is declared with x-max-priority 9 but exists with 5; declare it alike, or delete it",
      ],
    });
  });

  it('queues are as Celery declares them, with no argument more', async () => {
    const { broker } = await rig.open();
    const queues = {
      'kind.quorum': {},
      'kind.classic': { type: 'classic' },
      'kind.urgent': { maxPriority: 9 },
      'kind.ordered': { ordered: true },
    } as const;
    await broker.declare(topology({ queues }));
    const listed = (await rig.rabbit.management.request('GET', `queues/${rig.rabbit.name}`)) as readonly {
      readonly name: string;
      readonly durable: boolean;
      readonly arguments: object;
    }[];
    const found = listed.filter(({ name }) => name in queues);
    expect(found.every(({ durable }) => durable)).toBe(true);
    expect(Object.fromEntries(found.map((queue) => [queue.name, queue.arguments]))).toEqual({
      'kind.quorum': { 'x-queue-type': 'quorum' },
      'kind.classic': {},
      'kind.urgent': { 'x-max-priority': 9 },
      'kind.ordered': { 'x-queue-type': 'quorum', 'x-single-active-consumer': true },
    });
  });

  it('the name of a dead-letter queue is not free', async () => {
    const { broker } = await rig.open();
    const declared = broker.declare(topology({ queues: { box: {}, 'box.dead': {} } }));
    await expect(declared).rejects.toMatchObject({
      code: 'declare-conflict',
      message: expect.stringContaining("'box.dead' is declared, but is the dead-letter queue of 'box'"),
    });
  });

  it('names with dots are names: a delayed message comes to its own queue only', async () => {
    const backend = await rig.open();
    await backend.broker.declare(topology({ queues: { shop: {}, 'shop.post': {}, post: {} } }));
    const dueAtMs = Date.now() + 500;
    await backend.broker.publish(['shop', 'shop.post', 'post'].map((queue) => message(queue, queue, { dueAtMs })));
    for (const queue of ['shop.post', 'post', 'shop']) expect(await takeTexts(backend, queue, 1)).toEqual([queue]);
    for (const queue of ['shop.post', 'post', 'shop']) expect(await takeTexts(backend, queue, 1, 100)).toEqual([]);
    expect(Date.now()).toBeGreaterThanOrEqual(dueAtMs);
  });

  it('what was delayed for a queue that is no more is kept, and holds up nothing', async () => {
    const backend = await rig.open();
    await backend.broker.declare(topology({ queues: { gone: {}, stays: {} } }));
    const dueAtMs = Date.now() + 500;
    await backend.broker.publish([message('gone', 'lost', { dueAtMs })]);
    await rig.rabbit.management.request('DELETE', `queues/${rig.rabbit.name}/gone`);
    await backend.broker.publish([message('stays', 'kept', { dueAtMs })]);
    expect(await takeTexts(backend, 'stays', 1)).toEqual(['kept']);
    expect(await takeTexts(backend, 'cellar.undelivered', 1)).toEqual(['lost']);
  });
});
