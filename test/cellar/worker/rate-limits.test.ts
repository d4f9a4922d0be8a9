import { describe, expect, it } from '@jest/globals';
import { Cellar, loadSettings, startWorker, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import type { Broker } from '../../../shared/cellar/broker.ts';
import { openMemory } from '../../../shared/cellar/brokers/memory/open-memory.ts';
import { ratePerSecond } from '../../../shared/cellar/rate-limit.ts';
import { RateLimits } from '../../../shared/cellar/worker/rate-limits.ts';
import { registryOf } from '../../../shared/cellar/worker/registry.ts';
import { manualClock, manualRuntime } from '../../support/manual-clock.ts';
import { collectingLog } from './rig.ts';

const work = worker({ queue: 'work' });
const free = task('tests.free', { params: { name: z.string() }, queue: 'work' });
const limited = task('tests.limited', { params: { name: z.string() }, queue: 'work', rateLimit: '10/m' });

/** The broker in memory, if it took back what is held for long. */
function holding(broker: Broker, maxHoldSeconds: number | undefined): Broker {
  if (maxHoldSeconds === undefined) return broker;
  return {
    capabilities: { ...broker.capabilities, maxHoldSeconds },
    declare: (declared) => broker.declare(declared),
    publish: (messages) => broker.publish(messages),
    receive: (queue, options) => broker.receive(queue, options),
    settle: (settlements) => broker.settle(settlements),
    extend: (deliveries, seconds) => broker.extend(deliveries, seconds),
    close: () => broker.close(),
  };
}

async function open({ maxHoldSeconds }: { readonly maxHoldSeconds?: number } = {}) {
  const clock = manualClock();
  const runtime = manualRuntime(clock);
  const memory = await openMemory({ runtime });
  const ran: string[] = [];
  const handlers = [free, limited].map((contract) =>
    work.handle(contract, (_context, { name }) => void ran.push(name)),
  );
  const cellar = await Cellar.open({
    settings: loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_WORKER_CONCURRENCY: '2' }),
    topology: topology({ queues: { work: {} } }),
    runtime,
    log: collectingLog().log,
    backend: { ...memory, broker: holding(memory.broker, maxHoldSeconds) },
  });
  const available = registryOf(handlers.map((handler) => ({ handler, source: handler.contract.name }))).get('work');
  if (available === undefined) throw new Error('there are no handlers');
  return {
    cellar,
    clock,
    ran,
    start: () => startWorker(cellar, available),
    counts: async () => (await memory.admin.counts(['work']))[0],
  };
}

describe('a rate limit', () => {
  it.each([
    ['10/m', 1 / 6],
    ['100/s', 100],
    ['2/h', 2 / 3600],
    ['0.5/s', 0.5],
    ['3', 3],
    [7, 7],
    [0, 0],
    ['0', 0],
  ])('%s is %d a second', (limit, rate) => {
    expect(ratePerSecond(limit)).toBeCloseTo(rate, 10);
  });

  it.each(['', 'often', '10/d', '10/', '-1/s', '1e3/s', Number.NaN])(
    '%j is none, and a contract refuses it',
    (limit) => {
      expect(ratePerSecond(limit)).toBe(undefined);
      expect(() => task('tests.bad', { params: {}, rateLimit: limit })).toThrow('rateLimit is');
    },
  );
});

describe('a task with a rate limit', () => {
  it('runs at that rate, in order; others of its queue pass it', async () => {
    const { cellar, clock, ran, start } = await open();
    for (const name of ['l1', 'l2', 'l3']) await cellar.send(limited({ name }));
    for (const name of ['f1', 'f2', 'f3']) await cellar.send(free({ name }));
    const running = await start();
    await clock.settle();
    expect(ran).toEqual(['l1', 'f1', 'f2', 'f3']);
    await clock.advance(5_999);
    expect(ran).toHaveLength(4);
    await clock.advance(2);
    expect(ran.slice(4)).toEqual(['l2']);
    await clock.advance(6_001);
    expect(ran.slice(4)).toEqual(['l2', 'l3']);
    await running.stop();
  });

  it('does not hold up others however many wait', async () => {
    const { cellar, clock, ran, start } = await open();
    await cellar.sendAll(Array.from({ length: 40 }, (_, index) => limited({ name: `l${index}` })));
    const running = await start();
    await clock.settle();
    await cellar.send(free({ name: 'f1' }));
    await clock.settle();
    expect(ran).toEqual(['l0', 'f1']);
    expect(running.heldCount).toBe(39);
    await running.stop();
  });

  it('keeps the order of its message group', async () => {
    const { cellar, clock, ran, start } = await open();
    await cellar.send(limited({ name: 'first' }));
    await cellar.send(limited({ name: 'a1' }), { messageGroup: 'a' });
    await cellar.send(free({ name: 'a2' }), { messageGroup: 'a' });
    await cellar.send(free({ name: 'b1' }), { messageGroup: 'b' });
    const running = await start();
    await clock.settle();
    expect(ran).toEqual(['first', 'b1']);
    await clock.advance(6_001);
    expect(ran).toEqual(['first', 'b1', 'a1', 'a2']);
    await running.stop();
  });

  it('goes back until its time where the broker would take it back before', async () => {
    const { cellar, clock, ran, start, counts } = await open({ maxHoldSeconds: 30 });
    for (const name of ['l1', 'l2', 'l3', 'l4', 'l5']) await cellar.send(limited({ name }));
    await cellar.send(limited({ name: 'g1' }), { messageGroup: 'g' });
    await cellar.send(free({ name: 'g2' }), { messageGroup: 'g' });
    const running = await start();
    await clock.settle();
    // In 6 and 12 seconds; the others wait longer than half of what the broker allows.
    expect(running.heldCount).toBe(2);
    expect(await counts()).toMatchObject({ inFlight: 2 });
    await clock.advance(60_000);
    expect(ran.toSorted()).toEqual(['g1', 'g2', 'l1', 'l2', 'l3', 'l4', 'l5']);
    expect(ran.indexOf('g1')).toBeLessThan(ran.indexOf('g2'));
    await running.stop();
  });

  it('goes back to its queue when the worker stops', async () => {
    const { cellar, clock, start, counts } = await open();
    for (const name of ['l1', 'l2', 'l3']) await cellar.send(limited({ name }));
    const running = await start();
    await clock.settle();
    expect(await counts()).toMatchObject({ ready: 0, inFlight: 2 });
    await running.stop();
    expect(await counts()).toMatchObject({ ready: 2, inFlight: 0 });
  });

  it('does not spend its rate on a message that came before its time', async () => {
    const { cellar, clock, ran, start } = await open();
    const running = await start();
    const eta = new Date(clock.now() + 60_000).toISOString();
    const [message] = cellar.prepare((writer) => void writer.send(limited({ name: 'later' })));
    if (message === undefined) throw new Error('nothing was prepared');
    await cellar.backend.broker.publish([{ ...message, headers: { ...message.headers, eta } }]);
    await cellar.send(limited({ name: 'now' }));
    await clock.settle();
    expect(ran).toEqual(['now']);
    await clock.advance(61_000);
    expect(ran).toEqual(['now', 'later']);
    await running.stop();
  });
});

describe('a bucket', () => {
  it('holds one start at most, however long nothing came', async () => {
    const clock = manualClock();
    const rates = new RateLimits(clock);
    rates.set('t', '1/s');
    await clock.advance(60_000);
    expect(rates.waitMs('t')).toBe(0);
    rates.take('t');
    expect(rates.waitMs('t')).toBe(1_000);
    await clock.advance(400);
    expect(rates.waitMs('t')).toBe(600);
  });
});
