import { describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { systemRuntime } from '../../../shared/cellar/clock.ts';
import { collectingLog } from '../worker/rig.ts';
import { fakeBus } from './fake-bus.ts';

const work = worker({ queue: 'work' });
const child = task('tests.child', { params: { x: z.int() }, queue: 'work' });
const parent = task('tests.parent', { params: { x: z.int() }, queue: 'work' });
const handlers = [
  work.handle(child, (_context, { x }) => x),
  work.handle(parent, ({ send }, { x }) => void send(child({ x }))),
];

async function open(environment: Readonly<Record<string, string>>) {
  const bus = fakeBus();
  const backend = { ...(await openMemory({ runtime: systemRuntime })), control: bus };
  const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', ...environment });
  const declared = topology({ queues: { work: {} }, exchanges: { events: { type: 'fanout' } } });
  const cellar = await Cellar.open({ settings, topology: declared, log: collectingLog().log, backend, handlers });
  const close = async () => {
    await cellar.close();
    await backend.broker.close();
    await backend.results.close();
  };
  return { cellar, bus, close };
}

describe('task-sent', () => {
  it('is told of what a program or a task sends, with Celery’s fields', async () => {
    const { cellar, bus, close } = await open({ CELLAR_TASK_SEND_SENT_EVENT: 'true' });
    const sent = await cellar.send(parent({ x: 7 }));
    await sent.get({ timeoutMs: 20_000 });
    await close();
    const told = bus.events.map(({ routingKey, body }) => ({ routingKey, ...JSON.parse(body) }));
    expect(told).toMatchObject([
      {
        routingKey: 'task.sent',
        type: 'task-sent',
        uuid: sent.id,
        root_id: sent.id,
        parent_id: null,
        name: 'tests.parent',
        args: '(7,)',
        kwargs: '{}',
        retries: 0,
        eta: null,
        expires: null,
        queue: 'work',
        exchange: '',
        routing_key: 'work',
        hostname: cellar.originName,
      },
      { type: 'task-sent', name: 'tests.child', root_id: sent.id, parent_id: sent.id },
    ]);
  });

  it('is not told unless it is asked for, nor of what was refused', async () => {
    const quiet = await open({});
    await quiet.cellar.send(child({ x: 1 }));
    await quiet.close();
    expect(quiet.bus.events).toEqual([]);
    const { cellar, bus, close } = await open({ CELLAR_TASK_SEND_SENT_EVENT: 'true' });
    await expect(cellar.send(child({ x: 1 }), { queue: 'nowhere' })).rejects.toMatchObject({ code: 'unknown-queue' });
    await close();
    expect(bus.events).toEqual([]);
  });
});
