import { describe, expect, it } from '@jest/globals';
import {
  type BoundHandler,
  Cellar,
  CellarError,
  loadSettings,
  type RunningWorker,
  startWorker,
  task,
  topology,
  worker,
} from 'cellar';
import * as z from 'zod/mini';
import type { Backend } from '../../../shared/cellar/backend.ts';
import type { Broker, Settlement } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { collectingLog } from './rig.ts';

const work = worker({ queue: 'work' });
const job = task('tests.job', { params: { name: z.string() }, queue: 'work' });

/** Handlers that wait until the test lets them go on; what runs now, and what ran. */
function gates() {
  const waiting = new Map<string, { open: (value: unknown) => void; fail: (error: Error) => void }>();
  const started: string[] = [];
  const aborted: string[] = [];
  const handler = work.handle(job, ({ signal }, { name }) => {
    started.push(name);
    signal.addEventListener('abort', () => {
      aborted.push(name);
      if (name.startsWith('nervous')) waiting.get(name)?.fail(new Error('interrupted'));
    });
    return new Promise((open, fail) => {
      waiting.set(name, {
        open(value) {
          waiting.delete(name);
          open(value);
        },
        fail(error) {
          waiting.delete(name);
          fail(error);
        },
      });
    });
  });
  return { waiting, started, aborted, handler, running: () => [...waiting.keys()] };
}

async function openLoop(handler: BoundHandler, environment: Readonly<Record<string, string>> = {}) {
  const clock = manualClock();
  const runtime = manualRuntime(clock);
  const { log, logged } = collectingLog();
  const memory = await openMemory({ runtime });
  /** A test puts its own in the place of these. */
  const broker: Broker = {
    capabilities: memory.broker.capabilities,
    declare: (declared) => memory.broker.declare(declared),
    publish: (messages) => memory.broker.publish(messages),
    receive: (queue, options) => memory.broker.receive(queue, options),
    settle: (settlements) => memory.broker.settle(settlements),
    extend: (deliveries, seconds) => memory.broker.extend(deliveries, seconds),
    close: () => memory.broker.close(),
  };
  const backend: Backend = { ...memory, broker };
  const cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_WORKER_CONCURRENCY: '2', ...environment }),
    topology: topology({ queues: { work: {} } }),
    runtime,
    log,
    backend,
  });
  const handlers = registryOf([{ handler, source: 'test' }]).get('work');
  if (handlers === undefined) throw new Error('there are no handlers');
  return {
    cellar,
    clock,
    logged,
    memory,
    broker,
    start: () => startWorker(cellar, handlers),
    send: (name: string, messageGroup?: string) =>
      cellar.send(job({ name }), messageGroup === undefined ? {} : { messageGroup }),
    counts: async () => {
      const [counts] = await memory.admin.counts(['work']);
      const { ready = 0, inFlight = 0, delayed = 0, dead = 0 } = counts ?? {};
      return { ready, inFlight, delayed, dead };
    },
  };
}

/** Whether it has ended, and what it ended with. */
function watched<T>(promise: Promise<T>): { ended: boolean } {
  const watch = { ended: false };
  void promise.finally(() => {
    watch.ended = true;
  });
  return watch;
}

const EMPTY = { ready: 0, inFlight: 0, delayed: 0, dead: 0 };

describe('slots', () => {
  it('are filled up to the concurrency and refilled as each comes free', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a', 'b', 'c', 'd']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'b']);
    gate.waiting.get('b')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'c']);
    for (const name of ['a', 'c']) gate.waiting.get(name)?.open(1);
    await loop.clock.settle();
    gate.waiting.get('d')?.open(1);
    await loop.clock.settle();
    expect(await loop.counts()).toEqual(EMPTY);
    await running.stop();
  });

  it('take new messages while others run', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const running = await loop.start();
    await loop.send('a');
    await loop.clock.settle();
    await loop.send('b');
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'b']);
    await finishAll(gate, loop, running);
  });
});

async function finishAll(
  gate: ReturnType<typeof gates>,
  loop: Awaited<ReturnType<typeof openLoop>>,
  running: RunningWorker,
) {
  for (let turn = 0; turn < 20; turn++) {
    for (const { open } of [...gate.waiting.values()]) open(1);
    await loop.clock.settle();
  }
  await running.stop();
}

describe('message groups', () => {
  it('run in order inside, side by side among each other', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a1', 'a2', 'b1', 'b2']) await loop.send(name, name[0]);
    const running = await loop.start();
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a1', 'b1']);
    gate.waiting.get('b1')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a1', 'b2']);
    await finishAll(gate, loop, running);
    expect(gate.started.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2']);
  });

  it('that fail do not hold up others, nor their own next', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a1', 'a2', 'b1']) await loop.send(name, name[0]);
    const running = await loop.start();
    await loop.clock.settle();
    gate.waiting.get('a1')?.fail(new Error('bad'));
    await loop.clock.settle();
    expect(gate.running().sort()).toEqual(['a2', 'b1']);
    await finishAll(gate, loop, running);
    expect(await loop.counts()).toEqual({ ...EMPTY, dead: 1 });
  });
});

describe('a long run', () => {
  it('is kept invisible to others as long as it takes', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    await loop.send('long');
    const running = await loop.start();
    await loop.clock.settle();
    await loop.clock.advance(200_000);
    expect(await loop.counts()).toEqual({ ...EMPTY, inFlight: 1 });
    expect(gate.started).toEqual(['long']);
    gate.waiting.get('long')?.open(1);
    await loop.clock.settle();
    expect(await loop.counts()).toEqual(EMPTY);
    await running.stop();
  });

  it('whose receipt ran out all the same has no effect; the other delivery decides', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const { id } = await loop.send('lost');
    const running = await loop.start();
    await loop.clock.settle();
    loop.broker.extend = async (deliveries) => deliveries.map(() => false);
    await loop.clock.advance(40_000);
    expect(loop.logged.filter((line) => line.includes('ran out'))).toHaveLength(1);
    expect(gate.started).toEqual(['lost']); // the second runs alone, so it waits for the first
    gate.waiting.get('lost')?.open('first');
    await loop.clock.settle();
    expect(gate.started).toEqual(['lost', 'lost']);
    expect(await loop.cellar.result(id).state()).toBe('PENDING');
    gate.waiting.get('lost')?.open('second');
    await loop.clock.settle();
    expect(await loop.cellar.result(id).get()).toBe('second');
    await running.stop();
  });

  it('that waits its turn is not run when it is revoked meanwhile', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a', 'b']) await loop.send(name);
    const { id } = await loop.send('c');
    const running = await loop.start();
    await loop.clock.settle();
    await loop.cellar.revoke(id);
    await loop.clock.advance(2000);
    await finishAll(gate, loop, running);
    expect(gate.started).toEqual(['a', 'b']);
    expect(await loop.cellar.result(id).state()).toBe('REVOKED');
  });
});

describe('a message that was out before without an outcome', () => {
  it('runs alone, with all others given back uncounted', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler, { CELLAR_WORKER_CONCURRENCY: '4' });
    await loop.send('suspect');
    await loop.memory.broker.receive('work', { maxMessages: 1, waitMs: 0 });
    await loop.clock.advance(30_000);
    for (const name of ['a', 'b', 'c']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    expect(gate.running()).toEqual(['suspect']);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 3, inFlight: 1 });
    gate.waiting.get('suspect')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'b', 'c']);
    await finishAll(gate, loop, running);
  });

  it('waits for what runs already', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const running = await loop.start();
    await loop.send('first');
    await loop.clock.settle();
    const { receive } = loop.broker;
    loop.broker.receive = async (queue, options) =>
      (await receive(queue, options)).map((delivery) => ({ ...delivery, deliveryCount: 2 }));
    await loop.send('held'); // by the call that waits already
    await loop.send('suspect');
    await loop.clock.settle();
    expect(gate.running()).toEqual(['first', 'held']);
    gate.waiting.get('first')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['held']);
    gate.waiting.get('held')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['suspect']);
    await finishAll(gate, loop, running);
  });
});

describe('a broker that hands out several of a message group at once', () => {
  /** As SQS does: the group is the first letter of the name, and the broker does not hold back what is behind. */
  function givingWholeGroups(loop: Awaited<ReturnType<typeof openLoop>>): void {
    const { receive } = loop.broker;
    loop.broker.receive = async (queue, options) =>
      (await receive(queue, options)).map((delivery) => {
        const name: string = JSON.parse(String(delivery.message.body))[0][0];
        return { ...delivery, messageGroup: name.slice(0, 1), deliveryCount: name.includes('suspect') ? 2 : 1 };
      });
  }

  it('has its order kept: the next of a group starts when the one before has ended', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler, { CELLAR_WORKER_CONCURRENCY: '3' });
    givingWholeGroups(loop);
    const running = await loop.start();
    for (const name of ['a1', 'a2', 'a3', 'b1', 'a4', 'b2']) await loop.send(name);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a1', 'b1']);
    gate.waiting.get('a1')?.open(1);
    await loop.clock.settle();
    expect(gate.running().sort()).toEqual(['a2', 'b1']);
    await finishAll(gate, loop, running);
    expect(gate.started.filter((name) => name.startsWith('a'))).toEqual(['a1', 'a2', 'a3', 'a4']);
    expect(gate.started.filter((name) => name.startsWith('b'))).toEqual(['b1', 'b2']);
    expect(await loop.counts()).toEqual(EMPTY);
  });

  it('gets back everything that waits before a suspect runs alone', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    givingWholeGroups(loop);
    const running = await loop.start();
    await loop.send('first');
    await loop.clock.settle();
    await loop.clock.advance(20_000); // the call that waits takes more than one from now on
    for (const name of ['suspect', 'x', 'y']) await loop.send(name);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['first']);
    gate.waiting.get('first')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['suspect']);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 2, inFlight: 1 });
    await finishAll(gate, loop, running);
    expect(gate.started).toEqual(['first', 'suspect', 'x', 'y']);
  });
});

describe('faults of the broker', () => {
  it('when receiving are waited out, ever longer, and work goes on', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const { receive } = loop.broker;
    let calls = 0;
    loop.broker.receive = async () => {
      calls++;
      throw new CellarError('broker-unavailable', 'the broker is away');
    };
    const running = await loop.start();
    await loop.clock.settle();
    await loop.clock.advance(60_000);
    expect(calls).toBeGreaterThan(10);
    expect(calls).toBeLessThan(40);
    loop.broker.receive = receive;
    await loop.send('a');
    await loop.clock.advance(5000);
    expect(gate.running()).toEqual(['a']);
    await finishAll(gate, loop, running);
  });

  it('when asking what is revoked give the messages back, which run later', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const { results } = loop.cellar;
    const revoked = results.revoked.bind(results);
    results.revoked = () => Promise.reject(new CellarError('store-unavailable', 'the store is away'));
    await loop.send('a');
    const running = await loop.start();
    await loop.clock.settle();
    expect(gate.running()).toEqual([]);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 1 });
    results.revoked = revoked;
    await loop.clock.advance(5000);
    expect(gate.running()).toEqual(['a']);
    await finishAll(gate, loop, running);
  });

  it.each([
    ['that are thrown', async () => Promise.reject(new CellarError('broker-unavailable', 'the broker is away'))],
    [
      'that are answered',
      async (settlements: readonly Settlement[]) =>
        settlements.map(() => ({ status: 'failed' as const, reason: 'the broker is away' })),
    ],
  ])('when settling, %s, are logged and the message comes again', async (_how, broken) => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const { settle } = loop.broker;
    loop.broker.settle = broken;
    const { id } = await loop.send('a');
    const running = await loop.start();
    await loop.clock.settle();
    gate.waiting.get('a')?.open('lost');
    await loop.clock.settle();
    expect(loop.logged).toEqual([expect.stringContaining('the broker is away; the message comes again')]);
    expect(await loop.cellar.result(id).state()).toBe('PENDING');
    loop.broker.settle = settle;
    await loop.clock.advance(31_000);
    gate.waiting.get('a')?.open('kept');
    await loop.clock.settle();
    expect(await loop.cellar.result(id).get()).toBe('kept');
    await running.stop();
  });

  it('when settling a task marked once do not make it wait for its own claim', async () => {
    const once = task('tests.once', { params: {}, queue: 'work', once: true });
    let runs = 0;
    const loop = await openLoop(work.handle(once, () => ++runs));
    const { settle } = loop.broker;
    loop.broker.settle = () => Promise.reject(new CellarError('broker-unavailable', 'the broker is away'));
    const sent = await loop.cellar.send(once());
    const running = await loop.start();
    await loop.clock.settle();
    loop.broker.settle = settle;
    await loop.clock.advance(31_000);
    expect(await sent.get()).toBe(2);
    await running.stop();
  });
});

describe('a stop', () => {
  it('finishes what runs and gives back the rest, uncounted', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a', 'b', 'c', 'd']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    const stopping = running.stop();
    const stop = watched(stopping);
    await loop.clock.settle();
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 2, inFlight: 2 });
    expect(stop.ended).toBe(false);
    for (const name of ['a', 'b']) gate.waiting.get(name)?.open(1);
    await loop.clock.settle();
    await stopping;
    expect(gate.aborted).toEqual([]);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 2 });
    const again = await loop.memory.broker.receive('work', { maxMessages: 2, waitMs: 0 });
    expect(again.map(({ deliveryCount }) => deliveryCount)).toEqual([1, 1]);
  });

  it.each([
    ['with free slots', ['nervous', 'stubborn'], {}],
    ['with all slots taken', ['nervous', 'stubborn'], { CELLAR_WORKER_PREFETCH_MULTIPLIER: '1' }],
  ])('whose time is over fires the signals and gives back what still runs (%s)', async (_how, names, environment) => {
    const gate = gates();
    const loop = await openLoop(gate.handler, environment);
    const sent = await Promise.all(names.map((name) => loop.send(name)));
    const running = await loop.start();
    await loop.clock.settle();
    const stopping = running.stop();
    const stop = watched(stopping);
    await loop.clock.advance(4999);
    expect([stop.ended, gate.aborted]).toEqual([false, []]);
    await loop.clock.advance(1);
    await stopping;
    expect(gate.aborted).toEqual(names);
    // The one that threw because of the signal has not failed its task.
    expect(await Promise.all(sent.map((one) => one.state()))).toEqual(['PENDING', 'PENDING']);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 2 });
    gate.waiting.get('stubborn')?.open(1);
    await loop.clock.settle();
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 2 });
  });

  it('that is cold does not wait', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    await loop.send('nervous');
    const running = await loop.start();
    await loop.clock.settle();
    const stopping = running.stop();
    await loop.clock.settle();
    expect(gate.aborted).toEqual([]);
    await Promise.all([stopping, running.stop({ cold: true })]);
    expect(gate.aborted).toEqual(['nervous']);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 1 });
  });

  it('gives up the claim of an interrupted task, so that another worker runs it at once', async () => {
    const once = task('tests.once', { params: {}, queue: 'work', once: true });
    let runs = 0;
    const loop = await openLoop(work.handle(once, () => (++runs === 1 ? new Promise(() => undefined) : 'done')));
    const sent = await loop.cellar.send(once());
    const first = await loop.start();
    await loop.clock.settle();
    await first.stop({ cold: true });
    const second = await loop.start();
    await loop.clock.settle();
    expect(await sent.get()).toBe('done');
    await second.stop();
  });

  it('does not take the end of an interrupted task for an outcome, however long the store takes', async () => {
    const once = task('tests.once', { params: {}, queue: 'work', once: true });
    const nervous = work.handle(
      once,
      ({ signal }) =>
        new Promise<never>((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const loop = await openLoop(nervous);
    const sent = await loop.cellar.send(once());
    const running = await loop.start();
    await loop.clock.settle();
    const { results } = loop.cellar;
    const unclaim = results.unclaim.bind(results);
    results.unclaim = async (keys, owner) => {
      await loop.clock.settle();
      await unclaim(keys, owner);
    };
    await running.stop({ cold: true });
    expect(await sent.state()).toBe('PENDING');
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 1 });
  });

  it('of an idle worker is immediate, also while the broker is away', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    const idle = await loop.start();
    await loop.clock.settle();
    await idle.stop();
    loop.broker.receive = () => Promise.reject(new CellarError('broker-unavailable', 'the broker is away'));
    const cut = await loop.start();
    await loop.clock.settle();
    await cut.stop();
    expect(await loop.counts()).toEqual(EMPTY);
  });

  it('frees the context, once', async () => {
    let freed = 0;
    const careful = worker({ queue: 'work', context: () => ({ a: 1 }), dispose: () => void freed++ });
    const loop = await openLoop(careful.handle(job, () => undefined));
    const running = await loop.start();
    await Promise.all([running.stop(), running.stop()]);
    expect(freed).toBe(1);
  });
});

describe('a worker’s context', () => {
  it.each([
    ['with a name of the task context', () => ({ send: 1 }), 'send'],
    ['that is an instance of a class', () => new (class Shop {})(), 'plain object'],
  ])('%s is refused at the start', async (_what, context, text) => {
    const loop = await openLoop(worker({ queue: 'work', context }).handle(job, () => undefined));
    await expect(loop.start()).rejects.toThrow(text);
  });
});

describe('the size of a worker', () => {
  it('can be changed: more start at once, fewer when those that run have ended', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    for (const name of ['a', 'b', 'c', 'd']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'b']);
    running.resize(3);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['a', 'b', 'c']);
    expect(running).toMatchObject({ concurrency: 3, capacity: 12, heldCount: 4 });
    running.resize(1);
    gate.waiting.get('a')?.open(1);
    gate.waiting.get('b')?.open(1);
    await loop.clock.settle();
    expect(gate.running()).toEqual(['c']);
    await finishAll(gate, loop, running);
    expect(await loop.counts()).toEqual(EMPTY);
  });
});

describe('a cold stop with a soft time', () => {
  it('lets what runs finish within it, and fires the signals after', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler, { CELLAR_SHUTDOWN_TIMEOUT: '60' });
    for (const name of ['quick', 'slow']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    const stop = watched(running.stop({ cold: true, softMs: 3_000 }));
    await loop.clock.advance(2_000);
    gate.waiting.get('quick')?.open(1);
    await loop.clock.settle();
    expect(gate.aborted).toEqual([]);
    await loop.clock.advance(1_001);
    expect(gate.aborted).toEqual(['slow']);
    expect(stop.ended).toBe(true);
    expect(await loop.counts()).toEqual({ ...EMPTY, ready: 1 });
  });

  it('also where the worker stops warmly already', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler, { CELLAR_SHUTDOWN_TIMEOUT: '60' });
    await loop.send('slow');
    const running = await loop.start();
    await loop.clock.settle();
    const stop = watched(running.stop());
    await loop.clock.advance(10_000);
    void running.stop({ cold: true, softMs: 3_000 });
    await loop.clock.advance(2_999);
    expect(gate.aborted).toEqual([]);
    await loop.clock.advance(2);
    expect(gate.aborted).toEqual(['slow']);
    expect(stop.ended).toBe(true);
  });
});

describe('what waits behind long runs', () => {
  it('is given back before the broker would take it back, and taken again', async () => {
    const gate = gates();
    const loop = await openLoop(gate.handler);
    Object.assign(loop.broker, { capabilities: { ...loop.broker.capabilities, maxHoldSeconds: 600 } });
    const released: number[] = [];
    const { settle } = loop.broker;
    loop.broker.settle = (settlements) => {
      released.push(
        ...settlements.filter(({ disposition }) => disposition.kind === 'release').map(() => loop.clock.now()),
      );
      return settle(settlements);
    };
    const startedAtMs = loop.clock.now();
    for (const name of ['a', 'b', 'c', 'd']) await loop.send(name);
    const running = await loop.start();
    await loop.clock.settle();
    await loop.clock.advance(290_000);
    expect(released).toEqual([]);
    await loop.clock.advance(90_000);
    expect(released).toEqual([startedAtMs + 375_000, startedAtMs + 375_000]);
    expect(running.heldCount).toBe(4);
    await finishAll(gate, loop, running);
    expect(gate.started.toSorted()).toEqual(['a', 'b', 'c', 'd']);
    expect(await loop.counts()).toEqual(EMPTY);
  });
});
