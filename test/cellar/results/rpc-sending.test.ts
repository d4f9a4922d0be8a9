/** Who sends with results that travel as messages is named in every message, and in every step that others send. */
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod/mini';
import type { Backend } from '../../../shared/cellar/backend.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { withStores } from '../../../shared/cellar/brokers/with-stores.ts';
import { chain, group } from '../../../shared/cellar/canvas.ts';
import { Cellar } from '../../../shared/cellar/cellar.ts';
import { systemRuntime as runtime } from '../../../shared/cellar/clock.ts';
import type { ControlBus, ControlMessage } from '../../../shared/cellar/control-bus.ts';
import { openRpcResults } from '../../../shared/cellar/results/rpc/open-rpc-results.ts';
import type { Replies, Reply } from '../../../shared/cellar/results/rpc/replies.ts';
import { loadSettings } from '../../../shared/cellar/settings.ts';
import { task } from '../../../shared/cellar/task.ts';
import { topology } from '../../../shared/cellar/topology.ts';
import { worker } from '../../../shared/cellar/worker.ts';

const add = task('tests.tasks.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'sums' });
const wobbly = task('tests.tasks.wobbly', {
  params: {},
  returns: z.int(),
  queue: 'sums',
  retry: { maxRetries: 1, delaySeconds: 0 },
});
const once = task('tests.tasks.once', { params: {}, queue: 'sums', once: true });

const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_LOG_LEVEL: 'error' });
const opened: Cellar[] = [];
let backend: Backend;

/** Two processes on one broker: what one sends to the name of the other is heard there. */
function exchangeOfReplies(): (name: string) => Replies {
  const hearing = new Map<string, (reply: Reply) => void>();
  return (name) => ({
    name,
    async send(queue, reply) {
      hearing.get(queue)?.(reply);
    },
    listen: (heard) => void hearing.set(name, heard),
    close: async () => void hearing.delete(name),
  });
}

const silentBus: ControlBus = {
  event: () => undefined,
  listen: async () => async () => undefined,
  serve: async () => async () => undefined,
  reply: () => undefined,
  tell: async () => undefined,
  ask: async () => [],
};

let repliesOf: (name: string) => Replies;
beforeEach(async () => {
  repliesOf = exchangeOfReplies();
  backend = await openMemory({ runtime });
});
afterEach(async () => {
  for (const cellar of opened.splice(0)) await cellar.close();
  await backend.broker.close();
});

async function open(name: string, handlers: Parameters<typeof Cellar.open>[0] = {}): Promise<Cellar> {
  const results = openRpcResults({ replies: repliesOf(name), runtime, resultExpiresSeconds: 600 });
  const cellar = await Cellar.open({
    settings,
    topology: topology({ queues: { sums: {} } }),
    backend: withStores(backend, { results }),
    ...handlers,
  });
  opened.push(cellar);
  return cellar;
}

describe('sending with results as messages', () => {
  it('names the process in the message, and in each further step of a chain', async () => {
    const caller = await open('caller');
    await caller.send(add({ x: 1, y: 2 }));
    await caller.send(chain(add({ x: 1, y: 2 }), add.partial({ y: 4 })));
    await caller.send(add({ x: 1, y: 2 }), { replyTo: 'other' });
    const seen = await caller.admin.peek('sums', { place: 'ready', limit: 5 });
    expect(seen.map(({ message }) => message.replyTo)).toEqual(['caller', 'caller', 'other']);
    const [, , embed] = JSON.parse(String(seen[1]?.message.body));
    expect(embed.chain).toMatchObject([{ task: 'tests.tasks.add', options: { reply_to: 'caller' } }]);
  });

  it('the caller hears of a task, a chain and a group that run in another process, also after a retry', async () => {
    const sums = worker({ queue: 'sums' });
    let runs = 0;
    const handlers = [
      sums.handle(add, async (_, { x, y }) => x + y),
      sums.handle(wobbly, async () => {
        if (++runs === 1) throw new Error('not yet');
        return runs;
      }),
    ];
    await open('worker', { handlers });
    const caller = await open('caller');
    const timeoutMs = 20_000;
    expect(await (await caller.send(add({ x: 1, y: 2 }))).get({ timeoutMs })).toBe(3);
    const sum = await caller.send(chain(add({ x: 1, y: 2 }), add.partial({ y: 4 })));
    expect(await sum.get({ timeoutMs })).toBe(7);
    const both = await caller.send(group([add({ x: 1, y: 1 }), add({ x: 2, y: 2 })]));
    expect(await both.get({ timeoutMs })).toEqual([2, 4]);
    expect(await (await caller.send(wobbly({}))).get({ timeoutMs })).toBe(2);
  });

  it('a revocation is told to the workers, which nothing else tells of it', async () => {
    const told: unknown[] = [];
    const control = { ...silentBus, tell: async ({ body }: ControlMessage) => void told.push(JSON.parse(body)) };
    backend = { ...backend, control };
    const caller = await open('caller');
    const { id } = await caller.send(add({ x: 1, y: 2 }));
    await caller.revoke(id);
    expect(told).toMatchObject([{ method: 'revoke', arguments: { task_id: id } }]);
  });

  it('a worker of a task marked once is refused, with the reason', async () => {
    const handlers = [worker({ queue: 'sums' }).handle(once, async () => undefined)];
    await expect(open('worker', { handlers })).rejects.toMatchObject({
      code: 'not-supported',
      message: expect.stringMatching(/tests\.tasks\.once is marked once.*rpc:.*allowed: redis:/),
    });
  });
});
