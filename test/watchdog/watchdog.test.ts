/** A worker that loses its broker in every way, again and again: it is never alive and deaf, and every message is done. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Cellar, CellarError, loadSettings } from 'cellar';
import { hasRabbitmq, type PrivateRabbitmq, startPrivateRabbitmq } from '../support/rabbitmq.ts';
import { until } from '../support/running-shop.ts';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { app } from './app.ts';
import { first } from './tasks.ts';

type Fault = 'cut' | 'stall' | 'alarm' | 'restart';

/** 50 of them, mixed; restarts are dear, so that not each round has one. */
const FAULTS: readonly Fault[] = Array.from({ length: 5 }, (_, round): readonly Fault[] => [
  'cut',
  'alarm',
  'cut',
  'cut',
  'stall',
  'cut',
  'alarm',
  'cut',
  round % 2 === 0 ? 'restart' : 'cut',
  'cut',
]).flat();
const BATCH = 20;
const RECOVERS_WITHIN_MS = 60_000;
const MAIN = fileURLToPath(new URL('../../shared/cellar/cli/main.ts', import.meta.url));
const APP = fileURLToPath(new URL('./app.ts', import.meta.url));

/** One call of rabbitmqctl: the alarm that blocks who publishes, for 300 ms. */
const ALARM =
  'vm_memory_monitor:set_vm_memory_high_watermark(0.0), timer:sleep(300), vm_memory_monitor:set_vm_memory_high_watermark(0.4).';

(hasRabbitmq() ? describe : describe.skip)('a worker that loses its broker 50 times under load', () => {
  const folder = mkdtempSync(join(tmpdir(), 'cellar-watchdog-'));
  const file = join(folder, 'done.txt');
  let rabbitmq: PrivateRabbitmq;
  let proxy: TcpProxy;
  let worker: ChildProcess;
  let healthUrl = '';
  let sent = 0;
  const tookMs = new Map<Fault, number>();
  let health: readonly number[] = [];

  const done = (): ReadonlySet<string> => new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean));
  const statusOf = async (path: string): Promise<number> => (await fetch(`${healthUrl}${path}`)).status;

  async function startWorker(): Promise<void> {
    const url = `amqp://guest:guest@127.0.0.1:${proxy.port}/${rabbitmq.name}?heartbeat=1`;
    worker = spawn(process.execPath, [MAIN, 'worker', '--app', APP, '--json', '--health-port', '0'], {
      env: { ...process.env, CELLAR_BROKER_URL: url, CELLAR_LOG_LEVEL: 'warn' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [text, errors] = ['', ''];
    worker.stdout?.on('data', (chunk) => {
      text += chunk;
    });
    worker.stderr?.on('data', (chunk) => {
      errors += chunk;
    });
    await until(() => {
      if (worker.exitCode !== null) throw new Error(`the worker ended: ${errors}`);
      return text.includes('\n');
    }, 60_000);
    healthUrl = JSON.parse(text).healthUrl;
  }

  /** Sends until it is told to stop, each batch until it is accepted. */
  async function produce(isOver: () => boolean): Promise<void> {
    const settings = loadSettings({ CELLAR_BROKER_URL: rabbitmq.url, CELLAR_LOG_LEVEL: 'error' });
    const cellar = await Cellar.open({ settings, topology: app.topology });
    while (!isOver()) {
      const calls = Array.from({ length: BATCH }, (_, index) =>
        first({ number: sent + index, file }, { taskId: `watchdog-${sent + index}` }),
      );
      try {
        await cellar.sendAll(calls);
        sent += BATCH;
        await until(() => isOver() || sent - done().size < 10 * BATCH, 10 * RECOVERS_WITHIN_MS);
      } catch (error) {
        if (!(error instanceof CellarError) || error.code !== 'broker-unavailable') throw error;
      }
    }
    await cellar.close();
  }

  const inflict: Readonly<Record<Fault, () => Promise<void>>> = {
    cut: async () => proxy.cut(),
    async stall() {
      proxy.stall();
    },
    async alarm() {
      await rabbitmq.control('eval', ALARM);
    },
    async restart() {
      await rabbitmq.kill();
      await until(async () => (await statusOf('/health/ready')) === 503, RECOVERS_WITHIN_MS);
      health = [...health, await statusOf('/health/live')];
      await rabbitmq.startAgain();
    },
  };

  /** Something that was sent after the fault is done. */
  async function recovered(): Promise<void> {
    const [before, sentBefore] = [done().size, sent];
    await until(() => done().size > before + 2 * BATCH && sent > sentBefore, RECOVERS_WITHIN_MS);
  }

  beforeAll(async () => {
    writeFileSync(file, '');
    rabbitmq = await startPrivateRabbitmq();
    proxy = await startTcpProxy(rabbitmq.amqpPort);
    await startWorker();
    let isOver = false;
    const producing = produce(() => isOver);
    try {
      for (const fault of FAULTS) {
        const startMs = performance.now();
        await inflict[fault]();
        // Cuts come in the middle of whatever the worker does by then, also while it connects again.
        if (fault === 'cut') await pause(50 + ((sent * 37) % 200));
        else await recovered();
        tookMs.set(fault, (tookMs.get(fault) ?? 0) + performance.now() - startMs);
      }
    } finally {
      isOver = true;
      await producing;
    }
  }, 500_000);

  afterAll(async () => {
    worker?.kill('SIGKILL');
    await proxy?.stop();
    await rabbitmq?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('does every message', async () => {
    await until(() => done().size === sent, RECOVERS_WITHIN_MS);
    const times = [...tookMs].map(([fault, ms]) => `${fault} ${Math.round(ms / 1000)} s`);
    console.log(`${FAULTS.length} faults, ${sent} messages and their children: ${times.join(', ')}`);
    expect(sent).toBeGreaterThan(FAULTS.length * BATCH);
  }, 70_000);

  it('lives, says that it is ready, and takes messages', async () => {
    expect(worker.exitCode).toBeNull();
    await until(async () => (await statusOf('/health/ready')) === 200, RECOVERS_WITHIN_MS);
    const settings = loadSettings({ CELLAR_BROKER_URL: rabbitmq.url, CELLAR_LOG_LEVEL: 'error' });
    const cellar = await Cellar.open({ settings, topology: app.topology });
    await cellar.send(first({ number: sent, file }));
    await until(() => done().has(String(sent)), RECOVERS_WITHIN_MS);
    await until(async () => (await cellar.admin.counts())[0]?.ready === 0, RECOVERS_WITHIN_MS);
    expect(await cellar.admin.counts()).toMatchObject([{ ready: 0, dead: 0 }]);
    await cellar.close();
  }, 130_000);

  it('said that it lives and is not ready while there was no broker', () => {
    expect(health).toEqual(FAULTS.flatMap((fault) => (fault === 'restart' ? [200] : [])));
  });
});
