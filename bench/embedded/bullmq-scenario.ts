/** The same measurements of BullMQ on Redis: takes a port and a scenario, prints the figure as JSON. */
import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { BATCH, CONCURRENCY, type Latency, latencyOf, PAYLOAD, type Rate, type Scenario } from './scenario.ts';

interface Job {
  readonly data: { readonly at: number };
}
interface Closable {
  close(): Promise<void>;
}
interface BullQueue extends Closable {
  add(name: string, data: object, options?: object): Promise<unknown>;
  addBulk(jobs: readonly { readonly name: string; readonly data: object; readonly opts?: object }[]): Promise<unknown>;
}
/** The part of BullMQ that is used; it is installed beside the benchmarks only. */
interface Bull {
  readonly Queue: new (name: string, options: object) => BullQueue;
  readonly Worker: new (name: string, run: (job: Job) => Promise<unknown>, options: object) => Closable;
}

const { Queue, Worker }: Bull = createRequire(new URL('../package.json', import.meta.url))('bullmq');

const now = (): number => performance.timeOrigin + performance.now();

async function measure(scenario: Scenario, port: number): Promise<Rate | Latency> {
  const connection = { host: '127.0.0.1', port };
  const name = `bench-${scenario.kind}-${process.pid}`;
  const queue = new Queue(name, { connection });
  const opts = scenario.kind === 'process' && scenario.results ? {} : { removeOnComplete: true };
  const data = { at: 0, text: PAYLOAD };
  const work = (run: (job: Job) => void) =>
    new Worker(name, async (job) => run(job), { connection, concurrency: CONCURRENCY });
  const fill = async (messages: number): Promise<void> => {
    for (let sent = 0; sent < messages; sent += BATCH) {
      await queue.addBulk(Array.from({ length: BATCH }, () => ({ name: 'noop', data, opts })));
    }
  };
  const rate = (messages: number, started: number): Rate => ({
    perSecond: (messages / (performance.now() - started)) * 1000,
    rssMb: Math.round(process.resourceUsage().maxRSS / 1024),
  });
  try {
    if (scenario.kind === 'send') {
      const started = performance.now();
      const add = async (count: number): Promise<void> => {
        for (let sent = 0; sent < count; sent++) await queue.add('noop', data, opts);
      };
      if (scenario.how === 'one') await add(scenario.messages);
      else if (scenario.how === 'concurrent')
        await Promise.all(Array.from({ length: 100 }, () => add(scenario.messages / 100)));
      else await fill(scenario.messages);
      return rate(scenario.messages, started);
    }
    if (scenario.kind === 'process') {
      await fill(scenario.messages);
      const { promise, resolve } = Promise.withResolvers<void>();
      let runs = 0;
      const started = performance.now();
      const worker = work(() => {
        if (++runs === scenario.messages) resolve();
      });
      await promise;
      const figure = rate(scenario.messages, started);
      await worker.close();
      return figure;
    }
    const seen: number[] = [];
    const worker = work(({ data: { at } }) => void seen.push(now() - at));
    for (let sent = 1; sent <= scenario.messages; sent++) {
      await queue.add('noop', { ...data, at: now() }, opts);
      while (seen.length < sent) await nextTurn();
    }
    await worker.close();
    return latencyOf(seen.slice(seen.length / 10));
  } finally {
    await queue.close();
  }
}

const [port = '', scenario = ''] = process.argv.slice(2);
process.stdout.write(`${JSON.stringify(await measure(JSON.parse(scenario), Number(port)))}\n`);
process.exit(0);
