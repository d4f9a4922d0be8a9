/** Makes one measurement of Cellar in a process of its own: takes a scenario as JSON, prints the figure as JSON. */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Cellar, loadSettings, startWorker, task, topology, worker } from 'cellar';
import * as z from 'zod/mini';
import {
  BATCH,
  CONCURRENCY,
  type Latency,
  type LatencyScenario,
  latencyOf,
  PAYLOAD,
  type ProcessScenario,
  type Rate,
  type Scenario,
  type SendScenario,
} from './scenario.ts';

const bench = worker({ queue: 'bench', concurrency: CONCURRENCY });
const declared = topology({ queues: { bench: {} } });
const params = { at: z.number(), text: z.string() };
const kept = task('bench.kept', { params, queue: 'bench' });
const ignored = task('bench.ignored', { params, queue: 'bench', ignoreResult: true });

function open(scenario: Scenario, dataDir: string): Promise<Cellar> {
  const settings = loadSettings({
    CELLAR_DATA_DIR: dataDir,
    CELLAR_BROKER_URL: scenario.broker,
    CELLAR_DURABILITY: scenario.durability,
    CELLAR_WORKER_CONCURRENCY: String(CONCURRENCY),
  });
  return Cellar.open({ settings, topology: declared });
}

const now = (): number => performance.timeOrigin + performance.now();
const rssMb = (): number => Math.round(process.resourceUsage().maxRSS / 1024);

async function measureSend(cellar: Cellar, { how, messages }: SendScenario): Promise<Rate> {
  const make = () => ignored({ at: 0, text: PAYLOAD });
  const started = performance.now();
  if (how === 'one') {
    for (let sent = 0; sent < messages; sent++) await cellar.send(make());
  } else if (how === 'concurrent') {
    const lane = async (): Promise<void> => {
      for (let sent = 0; sent < messages / 100; sent++) await cellar.send(make());
    };
    await Promise.all(Array.from({ length: 100 }, lane));
  } else {
    await sendBatches(cellar, messages, make);
  }
  return { perSecond: (messages / (performance.now() - started)) * 1000, rssMb: rssMb() };
}

async function sendBatches(cellar: Cellar, messages: number, make: () => ReturnType<typeof ignored>): Promise<void> {
  for (let sent = 0; sent < messages; sent += BATCH) await cellar.sendAll(Array.from({ length: BATCH }, make));
}

/** Runs tasks in this process until `stop`; calls `onRun` at each run with what the task carried. */
function startHandlers(cellar: Cellar, onRun: (at: number) => void) {
  const handlers = [kept, ignored].map(
    (contract) => [contract.name, bench.handle(contract, (_context, { at }) => onRun(at))] as const,
  );
  return startWorker(cellar, { worker: bench, handlers: new Map(handlers) });
}

async function measureProcess(cellar: Cellar, scenario: ProcessScenario, dataDir: string): Promise<Rate> {
  const contract = scenario.results ? kept : ignored;
  await sendBatches(cellar, scenario.messages, () => contract({ at: 0, text: PAYLOAD }));
  return scenario.broker === 'memory:' ? processHere(cellar, scenario) : processElsewhere(cellar, scenario, dataDir);
}

async function processHere(cellar: Cellar, { messages }: ProcessScenario): Promise<Rate> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let runs = 0;
  const started = performance.now();
  const running = await startHandlers(cellar, () => {
    if (++runs === messages) resolve();
  });
  await promise;
  await empty(cellar);
  const perSecond = (messages / (performance.now() - started)) * 1000;
  await running.stop();
  return { perSecond, rssMb: rssMb() };
}

/** In worker processes of their own, which start together once all are up. */
async function processElsewhere(cellar: Cellar, scenario: ProcessScenario, dataDir: string): Promise<Rate> {
  const workers = await Promise.all(Array.from({ length: scenario.processes }, () => workerProcess(scenario, dataDir)));
  const { promise, resolve } = Promise.withResolvers<void>();
  const runs = workers.map(() => 0);
  for (const [index, child] of workers.entries()) {
    child.on('message', (message: { runs?: number }) => {
      runs[index] = message.runs ?? 0;
      if (runs.reduce((sum, count) => sum + count, 0) >= scenario.messages) resolve();
    });
  }
  const started = performance.now();
  for (const child of workers) child.send('go');
  await promise;
  await empty(cellar);
  const perSecond = (scenario.messages / (performance.now() - started)) * 1000;
  const sizes = await Promise.all(workers.map(endWorker));
  return { perSecond, rssMb: Math.max(...sizes) };
}

async function empty(cellar: Cellar): Promise<void> {
  for (;;) {
    const [counts] = await cellar.admin.counts(['bench']);
    if (counts !== undefined && counts.ready === 0 && counts.inFlight === 0) return;
    await sleep(1);
  }
}

function workerProcess(scenario: Scenario, dataDir: string) {
  const child = fork(fileURLToPath(import.meta.url), ['worker', dataDir, JSON.stringify(scenario)]);
  return new Promise<typeof child>((resolve) => child.once('message', () => resolve(child)));
}

function endWorker(child: ReturnType<typeof fork>): Promise<number> {
  return new Promise((resolve) => {
    child.on('message', (message: { rssMb?: number }) => message.rssMb !== undefined && resolve(message.rssMb));
    child.send('end');
  });
}

/** The other end of {@link workerProcess}: says that it is up, works from `go` to `end`, and reports its runs now and then. */
async function beWorker(dataDir: string, scenario: Scenario): Promise<void> {
  const cellar = await open(scenario, dataDir);
  const seen: number[] = [];
  let runs = 0;
  let running: Awaited<ReturnType<typeof startHandlers>> | undefined;
  const report = setInterval(() => process.send?.({ runs }), 2);
  process.on('message', async (message) => {
    if (message === 'go') {
      running = await startHandlers(cellar, (at) => {
        runs++;
        if (at > 0) seen.push(now() - at);
      });
      process.send?.({ started: true });
      return;
    }
    clearInterval(report);
    await running?.stop();
    await cellar.close();
    process.send?.({ rssMb: rssMb(), seen }, () => process.disconnect());
  });
  process.send?.({ up: true });
}

async function measureLatency(cellar: Cellar, scenario: LatencyScenario, dataDir: string): Promise<Latency> {
  const send = (): Promise<unknown> => cellar.send(ignored({ at: now(), text: PAYLOAD }));
  if (scenario.processes === 1) {
    const seen: number[] = [];
    const running = await startHandlers(cellar, (at) => seen.push(now() - at));
    for (let sent = 1; sent <= scenario.messages; sent++) {
      await send();
      while (seen.length < sent) await nextTurn();
    }
    await running.stop();
    return latencyOf(seen.slice(seen.length / 10));
  }
  const child = await workerProcess(scenario, dataDir);
  child.send('go');
  for (let sent = 0; sent < scenario.messages; sent++) {
    await sleep(20 + (sent % 13));
    await send();
  }
  await empty(cellar);
  return new Promise((resolve) => {
    child.on(
      'message',
      (message: { seen?: readonly number[] }) =>
        message.seen !== undefined && resolve(latencyOf(message.seen.slice(20))),
    );
    child.send('end');
  });
}

async function measure(scenario: Scenario): Promise<Rate | Latency> {
  const dataDir = mkdtempSync(join(tmpdir(), 'cellar-bench-'));
  const cellar = await open(scenario, dataDir);
  try {
    switch (scenario.kind) {
      case 'send':
        return await measureSend(cellar, scenario);
      case 'process':
        return await measureProcess(cellar, scenario, dataDir);
      case 'latency':
        return await measureLatency(cellar, scenario, dataDir);
    }
  } finally {
    await cellar.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const [mode = '', ...rest] = process.argv.slice(2);
if (mode === 'worker') await beWorker(rest[0] ?? '', JSON.parse(rest[1] ?? ''));
else process.stdout.write(`${JSON.stringify(await measure(JSON.parse(mode)))}\n`);
