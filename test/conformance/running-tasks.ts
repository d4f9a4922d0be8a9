import { expect } from '@jest/globals';
import { type BoundHandler, type Cellar, chain, chord, task, worker } from 'cellar';
import * as z from 'zod/mini';
import type { OutgoingMessage } from '../../shared/cellar/broker.ts';
import { until } from '../support/running-shop.ts';
import type { Conditions, Topic } from './behaviour.ts';
import { withCellar } from './clients.ts';
import { can, countsChords, grantsClaims } from './conditions.ts';
import { orderedQueues, queuesOnly } from './topologies.ts';

const WITHIN_MS = 60_000;
const topology = queuesOnly('work');
const on: Conditions = { on: topology, opened: { realTime: true } };
const work = worker({ queue: 'work' });
const params = { text: z.string() };
const add = task('tests.add', { params: { x: z.int(), y: z.int() }, returns: z.int(), queue: 'work' });
const sum = task('tests.sum', { params: { numbers: z.array(z.int()) }, returns: z.int(), queue: 'work' });
const arithmetic = [
  work.handle(add, (_context, { x, y }) => x + y),
  work.handle(sum, (_context, { numbers }) => numbers.reduce((total, number) => total + number, 0)),
];
const note = task('tests.note', { params, returns: z.string(), queue: 'work' });

/** A worker of one task that keeps the texts it ran with. */
function noting(contract: typeof note = note): { readonly handler: BoundHandler; readonly ran: string[] } {
  const ran: string[] = [];
  return {
    ran,
    handler: work.handle(contract, (_context, { text }) => {
      ran.push(text);
      return text;
    }),
  };
}

const stateOf = (cellar: Cellar, id: string, state: string) =>
  until(async () => (await cellar.result(id).state()) === state, WITHIN_MS);

export const runningTasks: Topic = {
  name: 'running tasks',
  behaviours(it) {
    it('a task that is sent is run, and its caller gets its result', on, async (harness) => {
      const { handler, ran } = noting();
      await withCellar(harness, { topology, handlers: [handler] }, async (cellar) => {
        const sent = await cellar.send(note({ text: 'a' }));
        expect(await sent.get({ timeoutMs: WITHIN_MS })).toBe('a');
        expect(await sent.state()).toBe('SUCCESS');
        expect(ran).toEqual(['a']);
      });
    });

    it('a task that fails says why to its caller, and its message is among the dead', on, async (harness) => {
      const failing = work.handle(note, () => {
        throw new RangeError('too much');
      });
      await withCellar(harness, { topology, handlers: [failing] }, async (cellar) => {
        const sent = await cellar.send(note({ text: 'a' }));
        await expect(sent.get({ timeoutMs: WITHIN_MS })).rejects.toMatchObject({
          code: 'task-failed',
          message: expect.stringContaining('too much'),
        });
        const [dead] = await until(async () => {
          const found = await cellar.admin.peek('work', { place: 'dead', limit: 1 });
          return found.length > 0 && found;
        }, WITHIN_MS);
        expect(dead?.reason).toContain('too much');
      });
    });

    it('a task whose time is over before it is taken is not run, and is REVOKED', on, async (harness) => {
      const { handler, ran } = noting();
      await withCellar(harness, { topology }, async (producer) => {
        const late = await producer.send(note({ text: 'late' }), { expires: 0.2 });
        await harness.passMs(400);
        await withCellar(harness, { topology, handlers: [handler] }, async () => {
          await expect(late.get({ timeoutMs: WITHIN_MS })).rejects.toMatchObject({ code: 'task-revoked' });
          await (await producer.send(note({ text: 'in time' }), { expires: 60 })).get({ timeoutMs: WITHIN_MS });
          expect(ran).toEqual(['in time']);
        });
      });
    });

    it('a task that is revoked while it waits is not run, and is REVOKED', on, async (harness) => {
      const { handler, ran } = noting();
      await withCellar(harness, { topology }, async (producer) => {
        const sent = await producer.send(note({ text: 'a' }));
        await producer.revoke(sent.id);
        await withCellar(harness, { topology, handlers: [handler] }, async () => {
          await expect(sent.get({ timeoutMs: WITHIN_MS })).rejects.toMatchObject({ code: 'task-revoked' });
          expect(ran).toEqual([]);
        });
      });
    });

    it('a countdown is kept: not early', {
      ...on,
      needs: can.maxDelaySeconds,
      lacks: (harness) =>
        withCellar(harness, { topology }, async (cellar) => {
          const sending = cellar.send(note({ text: 'a' }), { countdown: 5 });
          await expect(sending).rejects.toMatchObject({ code: 'not-supported' });
        }),
    }, async (harness) => {
      let ranAtMs = 0;
      const timed = work.handle(note, (_context, { text }) => {
        ranAtMs = harness.now();
        return text;
      });
      await withCellar(harness, { topology, handlers: [timed] }, async (cellar) => {
        const dueAtMs = harness.now() + 1200;
        const sent = await cellar.send(note({ text: 'a' }), { eta: new Date(dueAtMs) });
        await sent.get({ timeoutMs: WITHIN_MS });
        expect(ranAtMs).toBeGreaterThanOrEqual(dueAtMs);
      });
    });

    it('what a foreign producer sends before its time is delayed by the worker', {
      ...on,
      needs: can.maxDelaySeconds,
      lacks: { shownBy: 'a countdown is kept: not early' },
    }, async (harness) => {
      const { handler, ran } = noting();
      await withCellar(harness, { topology, handlers: [handler] }, async (cellar) => {
        const dueAtMs = harness.now() + 1500;
        const eta = new Date(dueAtMs);
        const [early] = cellar.prepare((writer) => writer.send(note({ text: 'a' }), { eta }));
        if (early === undefined) throw new Error('one message was expected');
        const { dueAtMs: _due, ...atOnce } = early;
        await cellar.publishPrepared([atOnce satisfies OutgoingMessage]);
        await until(() => ran.length > 0, WITHIN_MS);
        expect(harness.now()).toBeGreaterThanOrEqual(dueAtMs);
        await stateOf(cellar, early.correlationId, 'SUCCESS');
      });
    });

    it('a task that throws is run again as its contract says, under the same id', {
      ...on,
      needs: can.maxDelaySeconds,
      lacks: { shownBy: 'a countdown is kept: not early' },
    }, async (harness) => {
      const retried = task('tests.retried', { params, queue: 'work', retry: { maxRetries: 2, delaySeconds: 0.1 } });
      const runs: [string, number][] = [];
      const flaky = work.handle(retried, ({ request }) => {
        runs.push([request.id, request.retries]);
        if (request.retries < 2) throw new Error('not yet');
        return request.retries;
      });
      await withCellar(harness, { topology, handlers: [flaky] }, async (cellar) => {
        const sent = await cellar.send(retried({ text: 'a' }));
        expect(await sent.get({ timeoutMs: WITHIN_MS })).toBe(2);
        expect(runs).toEqual([0, 1, 2].map((retries) => [sent.id, retries]));
      });
    });

    it('what a task sends is run after it has succeeded, and not when it fails', on, async (harness) => {
      const { handler, ran } = noting();
      const parent = task('tests.parent', { params, queue: 'work' });
      const parents = work.handle(parent, (context, { text }) => {
        context.send(note({ text: `child of ${text}` }));
        if (text === 'bad') throw new Error('after the send');
        return text;
      });
      await withCellar(harness, { topology, handlers: [handler, parents] }, async (cellar) => {
        const bad = await cellar.send(parent({ text: 'bad' }));
        await stateOf(cellar, bad.id, 'FAILURE');
        const good = await cellar.send(parent({ text: 'good' }));
        await good.get({ timeoutMs: WITHIN_MS });
        await until(() => ran.length > 0, WITHIN_MS);
        await (await cellar.send(note({ text: 'last' }))).get({ timeoutMs: WITHIN_MS });
        expect(ran).toEqual(['child of good', 'last']);
      });
    });

    it('the steps of a chain run one after the other, each with the result of the one before', on, async (harness) => {
      await withCellar(harness, { topology, handlers: arithmetic }, async (cellar) => {
        const sent = await cellar.send(chain(add({ x: 1, y: 2 }), add.partial({ y: 10 }), add.partial({ y: 100 })));
        expect(await sent.get({ timeoutMs: WITHIN_MS })).toBe(113);
      });
    });

    it('a chord runs its body with the results of its header', {
      ...on,
      needs: countsChords,
      async lacks(harness) {
        await withCellar(harness, { topology }, async (cellar) => {
          const sending = cellar.send(chord([add({ x: 1, y: 1 })], sum.partial({})));
          await expect(sending).rejects.toMatchObject({ code: 'not-supported' });
        });
      },
    }, async (harness) => {
      await withCellar(harness, { topology, handlers: arithmetic }, async (cellar) => {
        const header = [1, 2, 3, 4].map((x) => add({ x, y: 10 }));
        const sent = await cellar.send(chord(header, sum.partial({})));
        expect(await sent.get({ timeoutMs: WITHIN_MS })).toBe(50);
      });
    });

    it('a task marked once runs once, though its message comes twice', {
      ...on,
      needs: grantsClaims,
      async lacks(harness) {
        const once = task('tests.once', { params, returns: z.string(), queue: 'work', once: true });
        const opening = withCellar(harness, { topology, handlers: [noting(once).handler] }, async () => 'opened');
        await expect(opening).rejects.toMatchObject({ code: 'not-supported' });
      },
    }, async (harness) => {
      const once = task('tests.once', { params, returns: z.string(), queue: 'work', once: true });
      const { handler, ran } = noting(once);
      const { handler: plain, ran: others } = noting();
      await withCellar(harness, { topology, handlers: [handler, plain] }, async (cellar) => {
        const [prepared] = cellar.prepare((writer) => writer.send(once({ text: 'a' })));
        if (prepared === undefined) throw new Error('one message was expected');
        const { deduplicationId: _id, ...message } = prepared;
        await cellar.publishPrepared([message]);
        await cellar.publishPrepared([message]);
        await stateOf(cellar, message.correlationId, 'SUCCESS');
        await until(async () => (await unsettled(cellar)) === 0, WITHIN_MS);
        expect(ran).toEqual(['a']);
        expect(others).toEqual([]);
      });
    });

    it('tasks of one message group run one at a time, in the order in which they were sent', {
      on: orderedQueues('work'),
      opened: { realTime: true },
      needs: can.messageGroups,
      lacks: { shownBy: 'one message of a group is out at a time, and other groups are not kept waiting' },
    }, async (harness) => {
      const ran: string[] = [];
      let running = 0;
      let most = 0;
      const slow = work.handle(note, async (_context, { text }) => {
        most = Math.max(most, ++running);
        await harness.passMs(20);
        running--;
        ran.push(text);
        return text;
      });
      await withCellar(harness, { topology: orderedQueues('work'), handlers: [slow] }, async (cellar) => {
        const texts = Array.from({ length: 12 }, (_, index) => `m${index}`);
        const sent = await cellar.sendAll(
          texts.map((text) => note({ text })),
          { messageGroup: 'A' },
        );
        await sent.at(-1)?.get({ timeoutMs: WITHIN_MS });
        expect(ran).toEqual(texts);
        expect(most).toBe(1);
      });
    });

    it('a failed task is run again when it is redriven, as a new generation', on, async (harness) => {
      const generations: number[] = [];
      const healing = work.handle(note, ({ request }, { text }) => {
        generations.push(request.generation);
        if (request.generation === 0) throw new Error('not yet');
        return text;
      });
      await withCellar(harness, { topology, handlers: [healing] }, async (cellar) => {
        const sent = await cellar.send(note({ text: 'a' }));
        await stateOf(cellar, sent.id, 'FAILURE');
        await until(async () => (await cellar.admin.redrive('work')) === 1, WITHIN_MS);
        await stateOf(cellar, sent.id, 'SUCCESS');
        expect(generations).toEqual([0, 1]);
      });
    });

    it('a worker whose tasks may run longer than the broker lets a message be held is refused', {
      ...on,
      needs: can.maxHoldSeconds,
      async lacks(harness) {
        const opened = withCellar(harness, { topology, handlers: [longTask()] }, async () => 'opened');
        expect(await opened).toBe('opened');
      },
    }, async (harness) => {
      const opened = withCellar(harness, { topology, handlers: [longTask()] }, async () => 'opened');
      await expect(opened).rejects.toMatchObject({
        code: 'not-supported',
        message: expect.stringContaining('tests.long'),
      });
    });
  },
};

function longTask(): BoundHandler {
  const long = task('tests.long', { params, queue: 'work', timeLimitSeconds: 30 * 86_400 });
  return work.handle(long, () => 'done');
}

async function unsettled(cellar: Cellar): Promise<number> {
  const [counts] = await cellar.admin.counts(['work']);
  return (counts?.ready ?? 0) + (counts?.inFlight ?? 0);
}
