/** RabbitMQ's tutorials 1 to 7 (rabbitmq.com/tutorials), as behaviours of every broker through the public API. */
import { expect } from '@jest/globals';
import { type BoundHandler, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import { until } from '../support/running-shop.ts';
import type { Conditions, Topic } from './behaviour.ts';
import { withCellar } from './clients.ts';
import { copiesArrive } from './deliveries.ts';

const WITHIN_MS = 60_000;
const params = { text: z.string() };
const opened = { realTime: true };

const logs = topology({
  queues: { screen: {}, disk: {} },
  exchanges: {
    logs: { type: 'fanout' },
    direct_logs: { type: 'direct' },
    topic_logs: { type: 'topic' },
  },
  bindings: [
    { exchange: 'logs', queue: 'screen' },
    { exchange: 'logs', queue: 'disk' },
    ...['info', 'warning', 'error'].map((key) => ({ exchange: 'direct_logs', queue: 'screen', key })),
    { exchange: 'direct_logs', queue: 'disk', key: 'error' },
    { exchange: 'topic_logs', queue: 'screen', key: 'kern.*' },
    { exchange: 'topic_logs', queue: 'disk', key: '*.critical' },
    { exchange: 'topic_logs', queue: 'disk', key: 'lazy.#' },
  ],
});
const entry = task('logs.entry', { params, queue: 'screen' });

/** A worker of each queue of the logs that keeps what it reads. */
function readers(): { readonly handlers: readonly BoundHandler[]; readonly read: Readonly<Record<string, string[]>> } {
  const read: Record<string, string[]> = { screen: [], disk: [] };
  const handlers = Object.entries(read).map(([queue, texts]) =>
    worker({ queue }).handle(entry, (_context, { text }) => void texts.push(text)),
  );
  return { handlers, read };
}

const hello = topology({ queues: { hello: {} } });
const onHello: Conditions = { on: hello, opened };
const greet = task('hello.greet', { params, returns: z.string(), queue: 'hello' });
const onLogs: Conditions = { on: logs, opened };

export const tutorials: Topic = {
  name: "RabbitMQ's tutorials",
  behaviours(it) {
    it('1, hello world: what one program sends another receives', onHello, async (harness) => {
      const received: string[] = [];
      const receiving = worker({ queue: 'hello' }).handle(greet, (_context, { text }) => {
        received.push(text);
        return text;
      });
      await withCellar(harness, { topology: hello }, async (sender) => {
        await sender.send(greet({ text: 'Hello World!' }));
        await withCellar(harness, { topology: hello, handlers: [receiving] }, () =>
          until(() => received.length > 0, WITHIN_MS),
        );
      });
      expect(received).toEqual(['Hello World!']);
    });

    it('2, work queues: the worker that is free gets the next task', onHello, async (harness) => {
      const done = { busy: 0, free: 0 };
      const finish = Promise.withResolvers<void>();
      const atWork = (name: keyof typeof done, until?: Promise<void>) =>
        worker({ queue: 'hello', concurrency: 1 }).handle(greet, async (_context, { text }) => {
          await until;
          done[name]++;
          return text;
        });
      const environment = { CELLAR_WORKER_PREFETCH_MULTIPLIER: '1' };
      const options = { topology: hello, environment };
      await withCellar(harness, { ...options, handlers: [atWork('busy', finish.promise)] }, async (cellar) => {
        const sent = [await cellar.send(greet({ text: 'long' }))];
        await until(async () => (await cellar.admin.counts(['hello']))[0]?.ready === 0, WITHIN_MS);
        await withCellar(harness, { ...options, handlers: [atWork('free')] }, async () => {
          for (let index = 0; index < 6; index++) sent.push(await cellar.send(greet({ text: `short ${index}` })));
          // One may be held ahead by the busy worker, none is lost with it.
          await until(() => done.free >= 5, WITHIN_MS);
          finish.resolve();
          for (const one of sent) await one.get({ timeoutMs: WITHIN_MS });
        });
      });
      expect(done.busy).toBeGreaterThanOrEqual(1);
      expect(done.busy + done.free).toBe(7);
    });

    it('3, publish and subscribe: every queue of a fanout gets a copy', onLogs, async (harness) => {
      const { handlers, read } = readers();
      await withCellar(harness, { topology: logs, handlers }, async (cellar) => {
        const { queues } = await cellar.publish('logs', '', entry({ text: 'info: all' }));
        expect([...queues].toSorted()).toEqual(['disk', 'screen']);
        await until(() => read.screen?.length === 1 && read.disk?.length === 1, WITHIN_MS);
      });
      expect(read).toEqual({ screen: ['info: all'], disk: ['info: all'] });
    });

    it('4, routing: a direct exchange picks by severity', onLogs, async (harness) => {
      const { handlers, read } = readers();
      await withCellar(harness, { topology: logs, handlers }, async (cellar) => {
        for (const severity of ['info', 'error', 'debug', 'warning'])
          await cellar.publish('direct_logs', severity, entry({ text: severity }));
        await until(() => read.screen?.length === 3 && read.disk?.length === 1, WITHIN_MS);
        await copiesArrive(harness);
      });
      expect(read.screen?.toSorted()).toEqual(['error', 'info', 'warning']);
      expect(read.disk).toEqual(['error']);
    });

    it('5, topics: a topic exchange picks by patterns', onLogs, async (harness) => {
      const { handlers, read } = readers();
      await withCellar(harness, { topology: logs, handlers }, async (cellar) => {
        for (const key of ['kern.critical', 'kern.info', 'mail.critical', 'mail.info', 'lazy', 'lazy.a.b'])
          await cellar.publish('topic_logs', key, entry({ text: key }));
        await until(() => read.screen?.length === 2 && read.disk?.length === 4, WITHIN_MS);
        await copiesArrive(harness);
      });
      expect(read.screen?.toSorted()).toEqual(['kern.critical', 'kern.info']);
      expect(read.disk?.toSorted()).toEqual(['kern.critical', 'lazy', 'lazy.a.b', 'mail.critical']);
    });

    it('6, remote procedure calls: each caller gets the answer to its own call', onHello, async (harness) => {
      const fib = task('rpc.fib', { params: { n: z.int() }, returns: z.int(), queue: 'hello' });
      const fibonacci = (n: number): number => (n < 2 ? n : fibonacci(n - 1) + fibonacci(n - 2));
      const server = worker({ queue: 'hello' }).handle(fib, (_context, { n }) => fibonacci(n));
      await withCellar(harness, { topology: hello, handlers: [server] }, async (client) => {
        const calls = [10, 15, 20].map(async (n) => (await client.send(fib({ n }))).get({ timeoutMs: WITHIN_MS }));
        expect(await Promise.all(calls)).toEqual([55, 610, 6765]);
      });
    });

    it('7, publisher confirms: singly, in batches, many at once; what is refused is said', onHello, async (harness) => {
      await withCellar(harness, { topology: hello }, async (cellar) => {
        const signatures = Array.from({ length: 10 }, (_, index) => greet({ text: `m${index}` }));
        expect((await cellar.send(greet({ text: 'one' }))).accepted).toBe(true);
        expect((await cellar.sendAll(signatures)).map(({ accepted }) => accepted)).toEqual(signatures.map(() => true));
        const atOnce = await Promise.all(signatures.map((signature) => cellar.send(signature)));
        expect(new Set(atOnce.map(({ id }) => id)).size).toBe(10);
        const { broker } = harness.backend;
        const [refused] = await broker.publish(
          cellar.prepare((writer) => writer.send(greet({ text: 'x' }))).map((one) => ({ ...one, routingKey: 'gone' })),
        );
        expect(refused).toMatchObject({ status: 'refused', code: 'unknown-queue' });
        await until(async () => (await cellar.admin.counts(['hello']))[0]?.ready === 21, WITHIN_MS);
      });
    });
  },
};
