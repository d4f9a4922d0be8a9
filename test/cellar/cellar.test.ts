import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { Cellar, CellarError, chain, group, loadSettings, type SendOptions, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import { manualClock, manualRuntime } from '../support/manual-clock.ts';
import { collectingLog, openRig } from './worker/rig.ts';

const work = worker({ queue: 'work' });
const add = task('math.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'work' });
const adder = work.handle(add, (_context, { x, y }) => x + y);
const folder = mkdtempSync(join(tmpdir(), 'cellar-client-'));
let files = 0;

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const shop = topology({
  queues: { work: {}, other: {} },
  exchanges: { events: { type: 'topic' } },
  bindings: [
    { exchange: 'events', queue: 'work', key: 'sum.#' },
    { exchange: 'events', queue: 'other', key: 'sum.small' },
  ],
});

/** A client of a file of its own. */
async function openFile(handlers: Parameters<typeof Cellar.open>[0] = {}): Promise<Cellar> {
  const settings = loadSettings({ CELLAR_BROKER_URL: `embedded:${join(folder, `${++files}.db`)}` });
  return Cellar.open({ settings, topology: shop, log: collectingLog().log, ...handlers });
}

async function codeOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => 'no fault',
    (error: unknown) => (error instanceof CellarError ? error.code : error),
  );
}

describe('a program in one file', () => {
  it('declares a task, runs it and gets the result', async () => {
    const double = task('demo.double', { params: { n: z.int() }, returns: z.int() });
    const celery = worker({ queue: 'celery' });
    const cellar = await Cellar.open({
      settings: loadSettings({ CELLAR_DATA_DIR: join(folder, 'program') }),
      handlers: [celery.handle(double, (_context, { n }) => 2 * n)],
    });
    const sent = await cellar.send(double({ n: 21 }));
    expect(await sent.get()).toBe(42);
    await cellar.close();
  });
});

describe('send', () => {
  it('survives the client: another on the same file runs it', async () => {
    const settings = loadSettings({ CELLAR_BROKER_URL: `embedded:${join(folder, 'shared.db')}` });
    const producer = await Cellar.open({ settings, topology: shop });
    const { id } = await producer.send(add({ x: 1, y: 2 }));
    await producer.close();
    const consumer = await Cellar.open({ settings, topology: shop, handlers: [adder] });
    expect(await consumer.result(id).get()).toBe(3);
    await consumer.close();
  });

  it('to an unknown queue says which was meant', async () => {
    const rig = await openRig([adder]);
    await expect(rig.cellar.send(add({ x: 1, y: 1 }), { queue: 'wrok' })).rejects.toThrow('did you mean work?');
    expect(await codeOf(rig.cellar.send(add({ x: 1, y: 1 }), { queue: 'wrok' }))).toBe('unknown-queue');
    await expect(rig.cellar.send(add({ x: 1, y: 1 }), { queue: 'something' })).rejects.toThrow('allowed: work, other');
  });

  it('reports every bad option at once', async () => {
    const rig = await openRig([adder]);
    const sending = rig.cellar.send(add({ x: 1, y: 1 }), {
      countdown: -1,
      eta: new Date(Number.NaN),
      expires: Number.POSITIVE_INFINITY,
      priority: 10,
      taskId: 'has a blank',
      messageGroup: '',
      timeLimitSeconds: 1,
      softTimeLimitSeconds: 2,
      headers: { id: 'x', 'x-cellar-generation': 1, fine: [1, { a: null }], odd: 1n, when: new Date() },
    });
    const error: unknown = await sending.catch((thrown: unknown) => thrown);
    if (!(error instanceof CellarError)) throw new Error('nothing was thrown');
    expect(error.code).toBe('bad-arguments');
    expect(error.problems).toEqual([
      'countdown is -1, allowed: seconds from 0',
      'countdown and eta are both set, allowed: one of them',
      'eta is an invalid date',
      'expires is Infinity, allowed: seconds or a date',
      'softTimeLimitSeconds is 2, allowed: above 0 and at most timeLimitSeconds',
      'priority is 10, allowed: 0 to 9',
      'taskId is "has a blank", allowed: 1 to 128 of A-Z a-z 0-9 _ . : -',
      'messageGroup has 0 characters, allowed: 1 to 128',
      'the header id is reserved',
      'the header x-cellar-generation is reserved',
      'the header odd is no JSON value',
      'the header when is no JSON value',
    ]);
  });

  it.each([
    ['a countdown beyond all dates', { countdown: 1e300 }],
    ['an expiry beyond all dates', { expires: 1e300 }],
  ])('refuses %s', async (_what, options) => {
    const rig = await openRig([adder]);
    expect(await codeOf(rig.cellar.send(add({ x: 1, y: 1 }), options))).toBe('bad-arguments');
  });

  it('refuses arguments that cannot travel, one that contains itself among them', async () => {
    const any = task('tests.any', { params: { value: z.unknown() }, queue: 'work' });
    const rig = await openRig([adder]);
    const circle: unknown[] = [];
    circle.push(circle);
    for (const value of [circle, Number.NaN, () => 1]) {
      expect(await codeOf(rig.cellar.send(any({ value })))).toBe('bad-value');
    }
  });

  it('waits for a countdown, to the millisecond', async () => {
    const rig = await openRig([adder]);
    const sent = await rig.cellar.send(add({ x: 1, y: 1 }), { countdown: 1.5 });
    await rig.clock.advance(1499);
    expect(await rig.work()).toBe(0);
    await rig.clock.advance(1);
    expect(await rig.work()).toBe(1);
    expect(await sent.get()).toBe(2);
  });

  it('twice with one deduplication id, or one task id, sends once', async () => {
    const rig = await openRig([adder]);
    for (const options of [{ deduplicationId: 'd' }, { taskId: 't' }]) {
      const first = await rig.cellar.send(add({ x: 1, y: 1 }), options);
      const second = await rig.cellar.send(add({ x: 1, y: 1 }), options);
      expect([first.accepted, second.accepted]).toEqual([true, false]);
    }
    expect(await rig.work()).toBe(2);
  });

  it('of a group with one deduplication id for all is refused', async () => {
    const rig = await openRig([adder]);
    const two = [add({ x: 1, y: 1 }), add({ x: 2, y: 2 })];
    expect(await codeOf(rig.cellar.send(group(two), { deduplicationId: 'd' }))).toBe('bad-arguments');
    expect(await codeOf(rig.cellar.sendAll(two, { deduplicationId: 'd' }))).toBe('bad-arguments');
    expect(await rig.work()).toBe(0);
  });

  it('of a chain checks every step before anything is sent', async () => {
    const rig = await openRig([adder]);
    const broken = chain(add({ x: 1, y: 1 }), add.partial({ y: 1 }, { queue: 'nowhere' }));
    expect(await codeOf(rig.cellar.send(broken))).toBe('unknown-queue');
    expect(await rig.work()).toBe(0);
  });
});

describe('sendAll', () => {
  it('sends in order, and answers in order', async () => {
    const rig = await openRig([adder]);
    const sent = await rig.cellar.sendAll([1, 2, 3].map((x) => add({ x, y: 0 })));
    expect(await rig.work()).toBe(3);
    expect(await Promise.all(sent.map((one) => one.get()))).toEqual([1, 2, 3]);
  });
});

describe('publish', () => {
  const others = worker({ queue: 'other' });

  it('gives every queue that matches a copy with an id and a result of its own', async () => {
    const cellar = await openFile({ handlers: [adder, others.handle(add, (_context, { x, y }) => x * y)] });
    const published = await cellar.publish('events', 'sum.small', add({ x: 3, y: 4 }));
    expect([...published.queues].sort()).toEqual(['other', 'work']);
    const { work: ours = '', other: theirs = '' } = published.copies;
    expect(new Set([published.id, ours, theirs]).size).toBe(3);
    expect(await cellar.result(ours).get()).toBe(7);
    expect(await cellar.result(theirs).get()).toBe(12);
    await cellar.close();
  });

  it('of which a copy is retried keeps it in its queue, under its id', async () => {
    const fragile = task('tests.fragile', { params: {}, queue: 'work', retry: { delaySeconds: 1 } });
    const rig = await openRig(
      [
        work.handle(fragile, ({ request }) => {
          if (request.retries === 0) throw new Error('not yet');
          return request.id;
        }),
      ],
      { topology: shop },
    );
    const { copies } = await rig.cellar.publish('events', 'sum.small', fragile());
    await rig.work();
    await rig.clock.advance(1000);
    await rig.work();
    expect(await rig.stored(copies['work'] ?? '')).toEqual({ state: 'SUCCESS', result: copies['work'] });
    const [other] = await rig.cellar.admin.counts(['other']);
    expect(other).toMatchObject({ ready: 1, dead: 0 });
  });

  it('that matches nothing is dropped, or refused where it is mandatory', async () => {
    const rig = await openRig([adder], { topology: shop });
    expect((await rig.cellar.publish('events', 'nothing', add({ x: 1, y: 1 }))).queues).toEqual([]);
    const mandatory = rig.cellar.publish('events', 'nothing', add({ x: 1, y: 1 }), { mandatory: true });
    expect(await codeOf(mandatory)).toBe('unroutable');
    expect(await codeOf(rig.cellar.publish('nowhere', 'sum', add({ x: 1, y: 1 })))).toBe('unknown-exchange');
  });

  it('to the default exchange goes to the queue of that name', async () => {
    const rig = await openRig([adder]);
    const published = await rig.cellar.publish('', 'other', add({ x: 1, y: 1 }));
    expect(published).toEqual({ id: published.id, queues: ['other'], copies: { other: published.id } });
    expect(await codeOf(rig.cellar.publish('', 'nowhere', add({ x: 1, y: 1 })))).toBe('unknown-queue');
  });
});

describe('revoke', () => {
  it('of a task that waits in its queue takes effect when a worker meets it', async () => {
    const rig = await openRig([adder]);
    const sent = await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.cellar.revoke(sent.id);
    await rig.work();
    await expect(sent.get()).rejects.toMatchObject({ code: 'task-revoked' });
  });

  it('of a delayed task deletes it, and who waits for it is told at once', async () => {
    const rig = await openRig([adder]);
    const sent = await rig.cellar.send(add({ x: 1, y: 1 }), { countdown: 3600 });
    const waiting = codeOf(sent.get({ timeoutMs: 60_000 }));
    await rig.cellar.revoke(sent.id);
    expect(await waiting).toBe('task-revoked');
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('of a task that waits for its retry keeps what is known of it', async () => {
    const fragile = task('tests.fragile', { params: { n: z.int() }, queue: 'work', retry: { delaySeconds: 60 } });
    const rig = await openRig([
      work.handle(fragile, () => {
        throw new Error('not yet');
      }),
    ]);
    const sent = await rig.cellar.send(fragile({ n: 5 }));
    await rig.work();
    await rig.cellar.revoke(sent.id);
    expect(await sent.info()).toMatchObject({ state: 'REVOKED', task: 'tests.fragile', args: '[5]', queue: 'work' });
  });

  it('of a task that has ended, or that nobody knows, changes nothing', async () => {
    const rig = await openRig([adder]);
    const sent = await rig.cellar.send(add({ x: 1, y: 1 }));
    await rig.work();
    await rig.cellar.revoke(sent.id);
    await rig.cellar.revoke('unknown');
    expect(await sent.get()).toBe(2);
    expect(await rig.cellar.result('unknown').state()).toBe('PENDING');
  });
});

describe('transaction', () => {
  it('commits rows of the application and messages together, or neither', async () => {
    const cellar = await openFile();
    await cellar.transaction(({ database }) => database.exec('CREATE TABLE orders (id INTEGER PRIMARY KEY)'));
    const id = await cellar.transaction(({ database, send }) => {
      database.exec('INSERT INTO orders (id) VALUES (1)');
      return send(add({ x: 1, y: 1 }));
    });
    const broken = cellar.transaction(({ database, send, publish }) => {
      database.exec('INSERT INTO orders (id) VALUES (2)');
      send(add({ x: 2, y: 2 }));
      publish('events', 'sum.small', add({ x: 2, y: 2 }));
      throw new RangeError('out of stock');
    });
    await expect(broken).rejects.toThrow('out of stock');
    const refused = cellar.transaction(({ database, send }) => {
      database.exec('INSERT INTO orders (id) VALUES (3)');
      return send(add({ x: 1, y: 1 }), { queue: 'nowhere' });
    });
    expect(await codeOf(refused)).toBe('unknown-queue');
    const orders = await cellar.transaction(({ database }) => database.prepare('SELECT id FROM orders').all());
    expect(orders.map((row) => row['id'])).toEqual([1]);
    const waiting = await cellar.admin.peek('work', { place: 'ready', limit: 10 });
    expect(waiting.map(({ message }) => message.correlationId)).toEqual([id]);
    await cellar.close();
  });

  it('is refused by a broker that is not the application’s database', async () => {
    const rig = await openRig([adder]);
    expect(await codeOf(rig.cellar.transaction(() => 1))).toBe('not-supported');
  });
});

describe('prepare', () => {
  it('composes what an application stores beside its rows, and publishes nothing', async () => {
    const rig = await openRig([adder]);
    const answers: unknown[] = [];
    const messages = rig.cellar.prepare(({ send, publish }) => {
      answers.push(send(add({ x: 1, y: 1 })));
      answers.push(publish('events', 'sold.red', add({ x: 2, y: 2 })));
    });
    expect(messages.map(({ correlationId }) => correlationId)).toEqual([
      answers[0],
      (answers[1] as { readonly id: string }).id,
    ]);
    expect(answers[1]).toMatchObject({ queues: ['other'], copies: { other: expect.any(String) } });
    expect(new Set(messages.map(({ deduplicationId }) => deduplicationId)).size).toBe(2);
    expect(await rig.counts()).toEqual({ ready: 0, inFlight: 0, delayed: 0, dead: 0 });
  });

  it('gives JSON values, which are published as they were composed', async () => {
    const rig = await openRig([adder]);
    const messages = rig.cellar.prepare(({ send }) => {
      send(add({ x: 20, y: 1 }), { taskId: 'a', messageGroup: 'orders' });
      send(add({ x: 20, y: 2 }), { taskId: 'b', countdown: 60 });
    });
    const stored = JSON.parse(JSON.stringify(messages));
    expect(stored).toEqual(messages);
    await rig.cellar.publishPrepared(stored);
    expect(await rig.counts()).toEqual({ ready: 1, inFlight: 0, delayed: 1, dead: 0 });
    expect((await rig.next()).messageGroup).toBe('orders');
    await rig.clock.advance(60_000);
    expect(await rig.work()).toBeGreaterThan(0);
    expect(await rig.stored('b')).toEqual({ state: 'SUCCESS', result: 22 });
  });

  it('may be published again: the second time has no effect', async () => {
    const rig = await openRig([adder]);
    const messages = rig.cellar.prepare(({ send }) => void send(add({ x: 1, y: 1 })));
    await rig.cellar.publishPrepared(messages);
    await rig.cellar.publishPrepared(messages);
    expect((await rig.counts()).ready).toBe(1);
  });

  it('refuses what could not be published: nothing is prepared', async () => {
    const rig = await openRig([adder]);
    const fault = (options: SendOptions) => {
      try {
        return rig.cellar.prepare(({ send }) => {
          send(add({ x: 1, y: 1 }));
          send(add({ x: 1, y: 1 }), options);
        });
      } catch (error) {
        return error;
      }
    };
    expect(fault({ queue: 'nowhere' })).toMatchObject({ code: 'unknown-queue' });
    expect(fault({ priority: 3 })).toMatchObject({ code: 'not-supported' });
    expect(fault({ headers: { note: 'x'.repeat(2_000_000) } })).toMatchObject({ code: 'message-too-large' });
  });

  it('leaves what the broker refuses later to the caller', async () => {
    const rig = await openRig([adder]);
    const messages = rig.cellar.prepare(({ send }) => void send(add({ x: 1, y: 1 })));
    const elsewhere = messages.map((message) => ({ ...message, routingKey: 'nowhere' }));
    expect(await codeOf(rig.cellar.publishPrepared(elsewhere))).toBe('unknown-queue');
  });
});

describe('close', () => {
  it('lets what runs finish, and send; then everything is refused', async () => {
    const begun = Promise.withResolvers<void>();
    const go = Promise.withResolvers<void>();
    const relay = task('tests.relay', { params: {}, queue: 'work' });
    const client: { current?: Cellar } = {};
    const cellar = await openFile({
      handlers: [
        work.handle(relay, async () => {
          begun.resolve();
          await go.promise;
          const sent = await client.current?.send(add({ x: 1, y: 1 }), { queue: 'other' });
          return sent?.accepted;
        }),
      ],
    });
    client.current = cellar;
    await cellar.send(relay());
    await begun.promise;
    const closing = Promise.all([cellar.close(), cellar.close()]);
    go.resolve();
    await closing;
    for (const call of [
      () => cellar.send(add({ x: 1, y: 1 })),
      () => cellar.sendAll([]),
      () => cellar.publish('events', 'sum', add({ x: 1, y: 1 })),
      () => cellar.revoke('x'),
      () => cellar.transaction(() => 1),
    ]) {
      expect(await codeOf(call())).toBe('closed');
    }
    const after = await Cellar.open({ settings: cellar.settings, topology: shop });
    expect((await after.admin.counts(['work', 'other'])).map(({ ready, inFlight = 0 }) => ready + inFlight)).toEqual([
      0, 1,
    ]);
    await after.close();
  });

  it('refuses also where the backend is another’s and stays open', async () => {
    const rig = await openRig([adder]);
    await rig.cellar.close();
    expect(await codeOf(rig.cellar.send(add({ x: 1, y: 1 })))).toBe('closed');
    expect((await rig.counts()).ready).toBe(0);
  });

  it('closes the file even when a worker’s context cannot be freed, and says so', async () => {
    const careless = worker({
      queue: 'work',
      context: () => ({ a: 1 }),
      dispose: () => {
        throw new Error('stuck');
      },
    });
    const cellar = await openFile({ handlers: [careless.handle(add, () => 1)] });
    await expect(cellar.close()).rejects.toThrow('stuck');
    expect(await codeOf(cellar.backend.broker.publish([]))).toBe('closed');
  });
});

describe('open', () => {
  const clock = manualClock();
  const options = { settings: loadSettings({ CELLAR_BROKER_URL: 'memory:' }), runtime: manualRuntime(clock) };

  it('declares the queues of its handlers and the default one', async () => {
    const cellar = await Cellar.open({ ...options, handlers: [adder] });
    expect(Object.keys(cellar.topology.queues)).toEqual(['celery', 'work']);
    await cellar.close();
  });

  it('refuses two handlers of one task in one queue, a worker of no queue, a store that its broker has not', async () => {
    expect(await codeOf(Cellar.open({ ...options, handlers: [adder, adder] }))).toBe('duplicate-handler');
    const nowhere = worker({ queue: 'nowhere' }).handle(add, () => 1);
    expect(await codeOf(Cellar.open({ ...options, topology: shop, handlers: [nowhere] }))).toBe('unknown-queue');
    const settings = loadSettings({ CELLAR_BROKER_URL: 'memory:', CELLAR_RESULT_BACKEND: 'rpc:' });
    expect(await codeOf(Cellar.open({ ...options, settings }))).toBe('not-supported');
  });
});
