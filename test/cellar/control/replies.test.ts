import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import { golden, shapeOf } from './golden.ts';
import { type NodeRig, openNodeRig } from './node-rig.ts';

const work = worker({ queue: 'celery' });
const add = task('proj.tasks.add', { params: { x: z.int(), y: z.int() } });
const wait = task('proj.tasks.wait', { params: { name: z.string() } });

const handlers = [
  work.handle(add, (_context, { x, y }) => x + y),
  work.handle(wait, ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', resolve))),
];

async function replyTo(rig: NodeRig, method: string, args: Readonly<Record<string, unknown>>): Promise<unknown> {
  return rig.ask(method, args);
}

/** Answers whose shape is not that of Celery's, each with the reason. */
const DIFFERENCES: Readonly<Record<string, (celery: Record<string, unknown>) => unknown>> = {
  // Cellar's settings are its own, in Celery's spelling.
  conf: () => expect.objectContaining({ broker_url: 'string', result_backend: 'null', task_default_queue: 'string' }),
  // Handlers run in no child processes whose pipes could be counted, and a URL says little of a connection.
  stats: (celery) => ({
    ...celery,
    pool: { ...Object(celery.pool), processes: ['number'], writes: 'string' },
    broker: expect.objectContaining({ hostname: expect.anything(), transport: 'string', port: expect.anything() }),
  }),
  // The tasks of this node are other ones.
  registered: () => ['string', 'string'],
};

describe('the answers to captured requests', () => {
  it.each(golden.replies)(
    '$method $arguments has the shape of that of Celery',
    async ({ method, arguments: args, reply }) => {
      const rig = await openNodeRig(handlers, { sendsTaskEvents: true });
      const answer = shapeOf(await replyTo(rig, method, args));
      const captured = shapeOf(reply[0].body['w1@test']);
      expect(answer).toEqual(DIFFERENCES[method]?.(captured as Record<string, unknown>) ?? captured);
      await rig.close();
    },
  );

  const sameText = golden.replies.filter(
    ({ method }) => !['stats', 'conf', 'report', 'registered', 'active_queues', 'hello', 'clock'].includes(method),
  );
  it.each(sameText)('$method $arguments says the same as Celery', async ({ method, arguments: args, reply }) => {
    const rig = await openNodeRig(handlers, { sendsTaskEvents: true });
    expect(await replyTo(rig, method, args)).toEqual(reply[0].body['w1@test']);
    await rig.close();
  });

  it('are sent as Celery sends them', async () => {
    const rig = await openNodeRig(handlers);
    await rig.ask('ping');
    const [reply] = rig.bus.replies;
    const captured = golden.replies[0]?.reply[0];
    expect(reply).toMatchObject({ exchange: captured?.exchange, body: '{"w1@test":{"ok":"pong"}}' });
    expect(shapeOf(reply?.headers)).toEqual(shapeOf(captured?.headers));
    await rig.close();
  });
});

describe('what a node holds', () => {
  it('is told with Celery’s fields: what runs and what waits', async () => {
    const rig = await openNodeRig(handlers);
    for (const name of ['a', 'b', 'c']) await rig.cellar.send(wait({ name }), { taskId: name });
    await rig.clock.settle();
    const active = await rig.ask('active', { safe: true });
    expect(active).toEqual(
      ['a', 'b'].map((id) => ({
        id,
        name: 'proj.tasks.wait',
        type: 'proj.tasks.wait',
        args: `('${id}',)`,
        kwargs: '{}',
        hostname: 'w1@test',
        time_start: rig.clock.now() / 1000,
        acknowledged: false,
        delivery_info: { exchange: '', routing_key: 'celery', priority: 0, redelivered: false },
        worker_pid: process.pid,
      })),
    );
    expect(await rig.ask('active')).toMatchObject([{ args: ['a'], kwargs: {} }, { args: ['b'] }]);
    expect(await rig.ask('reserved')).toMatchObject([
      { id: 'c', args: ['c'], kwargs: {}, time_start: null, worker_pid: null },
    ]);
    expect(await rig.ask('query_task', { ids: ['a', 'c', 'x'] })).toMatchObject({
      a: ['active', { id: 'a' }],
      c: ['reserved', { id: 'c' }],
    });
    expect(await rig.ask('stats')).toMatchObject({ total: { 'proj.tasks.wait': 2 }, prefetch_count: 8 });
    await rig.close();
  });

  it('shows settings without passwords', async () => {
    const rig = await openNodeRig(handlers, {
      environment: { CELLAR_RESULT_BACKEND: 'redis://me:secret@h/0?password=x' },
    });
    const { result_backend: shown } = (await rig.ask('conf')) as { result_backend: string };
    expect(shown).toBe('redis://me:********@h/0');
    expect(JSON.stringify(await rig.ask('report'))).not.toContain('secret');
    await rig.close();
  });
});
