import { describe, expect, it } from '@jest/globals';
import { task, worker } from 'cellar';
import * as z from 'zod/mini';
import { processDelivery } from '../../../shared/cellar/worker/process.ts';
import { idOf, openRig } from './rig.ts';

const work = worker({ queue: 'work' });
const add = task('math.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'work' });
const note = task('tests.note', { params: { text: z.string() }, queue: 'other' });
const loose = task('tests.loose', { params: {}, queue: 'work' });

const NOTHING_LEFT = { ready: 0, inFlight: 0, delayed: 0, dead: 0 };

describe('a task that succeeds', () => {
  it('stores its result and leaves its queue', async () => {
    const rig = await openRig([work.handle(add, (_context, { x, y }) => x + y)]);
    const settlement = await rig.run(add({ x: 2, y: 3 }));
    expect(await rig.stored(idOf(settlement))).toEqual({ state: 'SUCCESS', result: 5 });
    expect(settlement.result).toMatchObject({ args: '[2,3]', kwargs: '{}', task: 'math.add', queue: 'work' });
    expect(await rig.counts()).toEqual(NOTHING_LEFT);
  });

  it('publishes what it sent, under ids that a replay gives again', async () => {
    const rig = await openRig([
      work.handle(loose, ({ send, publish }) => {
        send(note({ text: 'a' }));
        publish('events', 'sold.wine', note({ text: 'b' }));
        return null;
      }),
    ]);
    await rig.cellar.send(loose());
    const delivery = await rig.next();
    const { processDelivery } = await import('../../../shared/cellar/worker/process.ts');
    const first = await processDelivery(delivery, rig.open.environment, new Set());
    const replay = await processDelivery(delivery, rig.open.environment, new Set());
    const ids = first.publish.map(({ correlationId }) => correlationId);
    expect(new Set(ids).size).toBe(2);
    expect(replay.publish.map(({ correlationId }) => correlationId)).toEqual(ids);
    expect(first.result?.children).toEqual(ids);
    await rig.cellar.backend.broker.settle([first]);
    const [counts] = await rig.cellar.admin.counts(['other']);
    expect(counts?.ready).toBe(2);
  });

  it('knows its place: root, parent, message group, headers', async () => {
    const seen: unknown[] = [];
    const rig = await openRig([
      work.handle(add, ({ request, send }, { x, y }) => {
        seen.push([request.rootId, request.parentId, request.messageGroup, request.headers['tenant'], request.queue]);
        if (x === 1) send(add({ x: 2, y }), { messageGroup: 'g2' });
        return 0;
      }),
    ]);
    const { id } = await rig.cellar.send(add({ x: 1, y: 1 }), { messageGroup: 'g1', headers: { tenant: 'a' } });
    expect(await rig.work()).toBe(2);
    expect(seen).toEqual([
      [id, undefined, 'g1', 'a', 'work'],
      [id, id, 'g2', undefined, 'work'],
    ]);
  });

  it('stores nothing where results are ignored, but STARTED only where they are tracked and kept', async () => {
    const quiet = task('tests.quiet', { params: {}, queue: 'work', ignoreResult: true });
    const states: string[] = [];
    const seeState = async ({ request }: { request: { id: string } }) => {
      states.push((await rig.stored(request.id)).state);
    };
    const rig = await openRig([work.handle(quiet, seeState), work.handle(loose, seeState)], {
      environment: { CELLAR_TASK_TRACK_STARTED: '1' },
    });
    const ignored = await rig.run(quiet());
    await rig.run(loose());
    expect((await rig.stored(idOf(ignored))).state).toBe('PENDING');
    expect(states).toEqual(['PENDING', 'STARTED']);
  });

  it('ends FAILURE when its result does not fit the contract, or cannot travel, and sends nothing', async () => {
    const rig = await openRig([
      work.handle(add, () => JSON.parse('"five"')),
      work.handle(loose, ({ send }) => {
        send(note({ text: 'never' }));
        return () => 1;
      }),
    ]);
    const wrong = await rig.run(add({ x: 1, y: 1 }));
    const odd = await rig.run(loose());
    expect(await rig.stored(idOf(wrong))).toMatchObject({ state: 'FAILURE', result: { exc_type: 'TypeError' } });
    expect(await rig.stored(idOf(odd))).toMatchObject({ state: 'FAILURE', result: { exc_type: 'CellarError' } });
    expect((await rig.cellar.admin.counts(['other']))[0]?.ready).toBe(0);
    expect((await rig.counts()).dead).toBe(2);
  });

  it('stores states of its own on the way, and cannot once it is over', async () => {
    let late: (() => Promise<void>) | undefined;
    const seen: unknown[] = [];
    const rig = await openRig([
      work.handle(loose, async ({ request, updateState }) => {
        await updateState('PROGRESS', { done: 1 });
        seen.push(await rig.stored(request.id));
        await expect(updateState('SUCCESS', 1)).rejects.toMatchObject({ code: 'bad-arguments' });
        late = () => updateState('PROGRESS', { done: 2 });
      }),
    ]);
    const settlement = await rig.run(loose());
    expect(seen).toEqual([{ state: 'PROGRESS', result: { done: 1 } }]);
    await expect(late?.()).rejects.toMatchObject({ code: 'closed' });
    expect((await rig.stored(idOf(settlement))).state).toBe('SUCCESS');
  });
});

describe('a task that throws', () => {
  it('is FAILURE at once without a retry policy, dead with the reason', async () => {
    const rig = await openRig([
      work.handle(loose, ({ send }) => {
        send(note({ text: 'never' }));
        throw new RangeError('too much');
      }),
    ]);
    const settlement = await rig.run(loose());
    expect(await rig.stored(idOf(settlement))).toEqual({
      state: 'FAILURE',
      result: { exc_type: 'RangeError', exc_message: ['too much'], exc_module: 'javascript' },
    });
    expect(await rig.reasons()).toEqual(['failed: RangeError: too much']);
    expect((await rig.cellar.admin.counts(['other']))[0]?.ready).toBe(0);
  });

  it('runs four times with three retries, RETRY in between, FAILURE after', async () => {
    const fragile = task('tests.fragile', { params: {}, queue: 'work', retry: { maxRetries: 3, delaySeconds: 10 } });
    const attempts: number[] = [];
    const rig = await openRig([
      work.handle(fragile, ({ request }) => {
        attempts.push(request.retries);
        throw new Error('not yet');
      }),
    ]);
    const { id } = await rig.cellar.send(fragile());
    const states: string[] = [];
    for (let run = 0; run < 4; run++) {
      expect(await rig.work()).toBe(1);
      states.push((await rig.stored(id)).state);
      await rig.clock.advance(9_999);
      expect(await rig.work()).toBe(0);
      await rig.clock.advance(1);
    }
    expect(attempts).toEqual([0, 1, 2, 3]);
    expect(states).toEqual(['RETRY', 'RETRY', 'RETRY', 'FAILURE']);
    expect(await rig.counts()).toEqual({ ...NOTHING_LEFT, dead: 1 });
  });

  it('keeps its priority and message group on a retry, and where it came before its time', async () => {
    const flaky = task('tests.flaky', { params: {}, queue: 'work', retry: { maxRetries: 1 } });
    const rig = await openRig([
      work.handle(flaky, () => {
        throw new Error('not yet');
      }),
    ]);
    const { capabilities } = rig.open.environment;
    const environment = {
      ...rig.open.environment,
      capabilities: { ...capabilities, priority: 'every-queue' as const },
    };
    await rig.cellar.send(flaky());
    const delivery = { ...(await rig.next()), priority: 7, messageGroup: 'a' };
    const process = (given: typeof delivery) => processDelivery(given, environment, new Set());
    const { headers } = delivery.message;
    const eta = new Date(rig.clock.now() + 60_000).toISOString();
    const early = { ...delivery, message: { ...delivery.message, headers: { ...headers, eta } } };
    const settled = [await process(delivery), await process(early)];
    expect(settled.map(({ publish }) => publish)).toMatchObject([
      [{ priority: 7, messageGroup: 'a', headers: { retries: 1 } }],
      [{ priority: 7, messageGroup: 'a', headers: { retries: 0 } }],
    ]);
  });

  it('succeeds on a retry with the same id', async () => {
    const fragile = task('tests.fragile', { params: {}, queue: 'work', retry: { delaySeconds: 1 } });
    const rig = await openRig([
      work.handle(fragile, ({ request }) => {
        if (request.retries === 0) throw new Error('not yet');
        return 'done';
      }),
    ]);
    const { id } = await rig.cellar.send(fragile(), { messageGroup: 'g' });
    await rig.work();
    await rig.clock.advance(1000);
    const settlement = await rig.step();
    expect(settlement.delivery.messageGroup).toBe('g');
    expect(await rig.stored(id)).toEqual({ state: 'SUCCESS', result: 'done' });
  });

  it('is not retried when the policy does not want this error, nor when asking the policy throws', async () => {
    const picky = task('tests.picky', {
      params: { text: z.string() },
      queue: 'work',
      retry: {
        when: (error) => {
          if (String(error).includes('boom')) throw new Error('broken rule');
          return String(error).includes('again');
        },
      },
    });
    const rig = await openRig([
      work.handle(picky, (_context, { text }) => {
        throw new Error(text);
      }),
    ]);
    const states = [];
    for (const text of ['again', 'never', 'boom']) states.push((await rig.run(picky({ text }))).result?.state);
    expect(states).toEqual(['RETRY', 'FAILURE', 'FAILURE']);
  });

  it.each([
    ['nothing', undefined],
    ['an object without a prototype', Object.create(null)],
    ['a symbol', Symbol('odd')],
    [
      'an object whose text cannot be made',
      {
        toString: () => {
          throw new Error('no');
        },
      },
    ],
    ['an error with a name that is none', Object.assign(new Error('x'), { name: 'not a name' })],
  ])('is FAILURE when it throws %s', async (_what, thrown) => {
    const rig = await openRig([
      work.handle(loose, () => {
        throw thrown;
      }),
    ]);
    const settlement = await rig.run(loose());
    expect(await rig.stored(idOf(settlement))).toMatchObject({ state: 'FAILURE', result: { exc_type: 'Error' } });
  });
});

describe('what a handler may return instead of a result', () => {
  it('retry: later, as asked, until its own limit', async () => {
    const rig = await openRig([
      work.handle(loose, ({ retry, send }) => {
        send(note({ text: 'never' }));
        return retry({ countdown: 5, reason: 'busy', maxRetries: 1 });
      }),
    ]);
    const { id } = await rig.cellar.send(loose());
    await rig.work();
    expect(await rig.stored(id)).toMatchObject({
      state: 'RETRY',
      result: { exc_type: 'Retry', exc_message: ['busy'] },
    });
    expect(await rig.counts()).toEqual({ ...NOTHING_LEFT, delayed: 1 });
    await rig.clock.advance(5000);
    await rig.work();
    expect(await rig.stored(id)).toMatchObject({
      state: 'FAILURE',
      result: { exc_type: 'MaxRetriesExceededError', exc_module: 'celery.exceptions' },
    });
    expect((await rig.cellar.admin.counts(['other']))[0]?.ready).toBe(0);
  });

  it('retry: at a time; a time that is none is a failure', async () => {
    const rig = await openRig([
      work.handle(add, ({ retry }, { x }) => retry({ eta: new Date(x === 0 ? Number.NaN : rig.clock.now() + 3000) })),
    ]);
    const good = await rig.run(add({ x: 1, y: 0 }));
    expect(good.publish[0]?.dueAtMs).toBe(rig.clock.now() + 3000);
    const bad = await rig.run(add({ x: 0, y: 0 }));
    expect(bad.result?.state).toBe('FAILURE');
  });

  it('retry: one that the broker cannot delay that long is a failure, not a loop', async () => {
    const rig = await openRig([work.handle(loose, ({ retry }) => retry({ countdown: 1e10 }))]);
    const settlement = await rig.run(loose());
    expect(settlement).toMatchObject({ publish: [], disposition: { kind: 'dead' }, result: { state: 'FAILURE' } });
  });

  it('reject: dead with the reason, FAILURE, no retry', async () => {
    const fragile = task('tests.fragile', { params: {}, queue: 'work', retry: {} });
    const rig = await openRig([work.handle(fragile, ({ reject }) => reject('spoiled'))]);
    const settlement = await rig.run(fragile());
    expect(await rig.stored(idOf(settlement))).toMatchObject({ state: 'FAILURE', result: { exc_type: 'Reject' } });
    expect(await rig.reasons()).toEqual(['rejected: spoiled']);
  });

  it('ignore: gone without a result; what it sent is sent', async () => {
    const rig = await openRig([
      work.handle(loose, ({ ignore, send }) => {
        send(note({ text: 'kept' }));
        return ignore();
      }),
    ]);
    const settlement = await rig.run(loose());
    expect((await rig.stored(idOf(settlement))).state).toBe('PENDING');
    expect(await rig.counts()).toEqual(NOTHING_LEFT);
    expect((await rig.cellar.admin.counts(['other']))[0]?.ready).toBe(1);
  });
});

describe('what a handler sends and the broker cannot take', () => {
  it.each([
    ['an unknown queue', { queue: 'nowhere' }, 'unknown-queue'],
    ['a priority', { priority: 5 }, 'not-supported'],
    ['a delay beyond the longest', { countdown: 1e10 }, 'not-supported'],
    ['bad options', { countdown: -1 }, 'bad-arguments'],
  ])('%s throws in the handler, which may go on', async (_what, options, code) => {
    const codes: unknown[] = [];
    const rig = await openRig([
      work.handle(loose, ({ send }) => {
        try {
          send(note({ text: 'x' }), options);
        } catch (error) {
          codes.push(error instanceof Error && 'code' in error ? error.code : error);
        }
      }),
    ]);
    const settlement = await rig.run(loose());
    expect(codes).toEqual([code]);
    expect(settlement).toMatchObject({ publish: [], result: { state: 'SUCCESS' } });
  });

  it('a message too large, a delay through an exchange and an unknown exchange end the task as FAILURE', async () => {
    const rig = await openRig([
      work.handle(add, ({ send, publish }, { x }) => {
        if (x === 0) send(note({ text: 'x'.repeat(1_100_000) }));
        if (x === 1) publish('events', 'sold', note({ text: 'x' }), { countdown: 10 });
        if (x === 2) publish('nowhere', 'sold', note({ text: 'x' }));
        if (x === 3) publish('', 'nowhere', note({ text: 'x' }));
        return 0;
      }),
    ]);
    for (const x of [0, 1, 2, 3]) {
      const settlement = await rig.run(add({ x, y: 0 }));
      expect(settlement).toMatchObject({ publish: [], disposition: { kind: 'dead' }, result: { state: 'FAILURE' } });
    }
    expect((await rig.reasons()).map((reason) => reason?.slice(0, 30))).toEqual([
      'failed: CellarError: the messa',
      'failed: CellarError: a message',
      expect.stringContaining('failed: CellarError'),
      expect.stringContaining('failed: CellarError: task test'),
    ]);
  });
});
